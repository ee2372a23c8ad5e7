import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../testing/scripted-blobs.ts'
import { linesOf, transferWorld } from '../testing/transfer-world.ts'
import { startClient } from '../testing/world.ts'

describe('uploading', () => {
  test('answers the content and the receipt that a message needs', async () => {
    const { blobs, client, local } = await transferWorld()
    const bytes = randomBytes(300_000)
    await writeFile(local, bytes)
    const seen: number[] = []
    const { content, receipt } = await client.uploadFile(local, {
      progress: (now) => seen.push(now.doneBytes),
    })
    expect(receipt).toMatch(/^x\./)
    expect(content.content).toEqual({
      $case: 'file',
      value: {
        fileId: 'f'.repeat(32),
        name: 'notes.txt',
        size: 300_000,
        digest: Buffer.from(digestOf(bytes), 'hex'),
        mediaType: 'text/plain',
      },
    })
    expect([seen[0], seen.at(-1)]).toEqual([0, 300_000])
    expect(blobs.requests[0]?.token).toMatch(/^Bearer x\./)
  })

  test('goes on where the server’s bytes end when the connection breaks, again and again', async () => {
    const { blobs, client, local } = await transferWorld()
    const bytes = randomBytes(1_000_000)
    await writeFile(local, bytes)
    blobs.script.cutUploads = Array.from({ length: 12 }, () => 70_000)
    await client.uploadFile(local)
    const [upload] = blobs.uploads.values()
    expect(upload?.bytes.equals(bytes)).toBe(true)
    expect(linesOf(blobs, 'POST')).toBe(1)
  })

  test('sends pieces of at most 8 MiB, one after the other on one connection', async () => {
    const { blobs, client, local } = await transferWorld()
    const bytes = randomBytes(20_000_000)
    await writeFile(local, bytes)
    const connections: number[] = []
    blobs.script.beforePatch = () => void connections.push(blobs.connections)
    await client.uploadFile(local)
    const pieces = blobs.requests.filter(({ line }) => line.startsWith('PATCH '))
    const mostBytes = 8 * 1024 * 1024
    expect(pieces.map(({ bodyBytes }) => bodyBytes)).toEqual([
      mostBytes,
      mostBytes,
      bytes.length - 2 * mostBytes,
    ])
    expect(new Set(connections).size).toBe(1)
    expect([...blobs.uploads.values()][0]?.bytes.equals(bytes)).toBe(true)
  })

  test('begins anew when the server loses the upload on its way', async () => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, randomBytes(9_000_000))
    blobs.script.beforePatch = () => {
      blobs.uploads.clear()
      blobs.script.beforePatch = () => undefined
    }
    await client.uploadFile(local)
    expect(linesOf(blobs, 'POST')).toBe(2)
  })

  test('goes on with its upload although somebody else finished and forgot it', async () => {
    const { blobs, client, state, local } = await transferWorld()
    await writeFile(local, randomBytes(400_000))
    blobs.script.cutUploads = [100_000]
    blobs.script.beforePatch = () => {
      Object.assign(state, { transfer: () => undefined })
    }
    await client.uploadFile(local)
    expect(linesOf(blobs, 'PATCH')).toBe(2)
    expect(linesOf(blobs, 'POST')).toBe(1)
  })

  test('sends little of what is refused', async () => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, randomBytes(8_000_000))
    const seen: number[] = []
    blobs.script.beforePatch = () => 507
    const refused = client.uploadFile(local, { progress: (now) => seen.push(now.doneBytes) })
    await expect(refused).rejects.toMatchObject({ reason: 'SCRIPTED_507' })
    expect(Math.max(...seen)).toBeLessThan(8_000_000)
  })

  test('goes on with an interrupted upload of the same file after a restart', async () => {
    const { relay, blobs, client, state, local } = await transferWorld()
    await writeFile(local, randomBytes(900_000))
    blobs.script.cutUploads = [200_000]
    const stop = new AbortController()
    const first = client.uploadFile(local, {
      signal: stop.signal,
      progress: () => blobs.script.cutUploads.length === 0 && stop.abort(),
    })
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' })
    await client.close()
    const again = startClient(relay, { state, transient: true })
    await again.client.uploadFile(local)
    expect(linesOf(blobs, 'POST')).toBe(1)
    expect(blobs.uploads.size).toBe(1)
  })

  test('begins anew when the server no longer has the upload', async () => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, randomBytes(400_000))
    blobs.script.cutUploads = [100_000]
    const stop = new AbortController()
    const cut = client.uploadFile(local, {
      signal: stop.signal,
      progress: () => blobs.script.cutUploads.length === 0 && stop.abort(),
    })
    await expect(cut).rejects.toMatchObject({ reason: 'CANCELLED' })
    blobs.uploads.clear()
    await client.uploadFile(local)
    expect(linesOf(blobs, 'POST')).toBe(2)
  })

  test('uploads a file without bytes', async () => {
    const { client, local } = await transferWorld()
    await writeFile(local, '')
    const { content } = await client.uploadFile(local)
    expect(content.content?.value).toMatchObject({ size: 0 })
  })

  test('takes a new token when its own is refused, once', async () => {
    const { relay, blobs, client, local } = await transferWorld()
    await writeFile(local, 'x')
    blobs.script.statuses = [401]
    await client.uploadFile(local)
    expect(relay.requests.filter(({ method }) => method === 'refresh')).toHaveLength(1)
    blobs.script.statuses = [401, 401]
    const refused = client.uploadFile(local)
    await expect(refused).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('gives up after eight failures in a row without progress', async () => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, 'x')
    blobs.script.statuses = Array.from({ length: 20 }, () => 503)
    await expect(client.uploadFile(local)).rejects.toMatchObject({ reason: 'SCRIPTED_503' })
    expect(blobs.requests).toHaveLength(8)
  })

  test.each([
    [413, 'too-large'],
    [422, 'unprocessable'],
    [429, 'rate-limited'],
    [507, 'exhausted'],
  ])('does not repeat what is refused with %d', async (status, kind) => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, 'x')
    blobs.script.statuses = [status]
    const refused = client.uploadFile(local)
    await expect(refused).rejects.toMatchObject({ kind, reason: `SCRIPTED_${status}` })
    expect(blobs.requests).toHaveLength(1)
  })

  test.each([429, 503])('waits for a server that says with %d that it is busy', async (status) => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, 'x')
    blobs.script.statuses = [status, status]
    blobs.script.retryAfterSeconds = 2
    const { content } = await client.uploadFile(local)
    expect(content.content?.value).toMatchObject({ size: 1 })
  })

  test('notices that the server stored other bytes', async () => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, 'x')
    blobs.script.claims = { digest: '00'.repeat(32) }
    await expect(client.uploadFile(local)).rejects.toMatchObject({ reason: 'DIGEST_MISMATCH' })
  })

  test('carries its token to no other server', async () => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, 'x')
    blobs.script.location = () => 'http://127.0.0.1:1/uploads/x'
    await expect(client.uploadFile(local)).rejects.toMatchObject({ reason: 'UPLOAD_ELSEWHERE' })
  })

  test('carries its token over no network without TLS', async () => {
    const { relay, local } = await transferWorld()
    await writeFile(local, 'x')
    relay.script.welcome = { filesUrl: 'http://files.example:80' }
    const { client } = startClient(relay, { transient: true })
    await expect(client.uploadFile(local)).rejects.toMatchObject({ reason: 'PLAINTEXT_REFUSED' })
  })

  test('names what cannot be uploaded', async () => {
    const { relay, client, folder } = await transferWorld()
    const missing = client.uploadFile(join(folder, 'none'))
    await expect(missing).rejects.toMatchObject({ reason: 'NO_SUCH_FILE' })
    await expect(client.uploadFile(folder)).rejects.toMatchObject({ reason: 'NOT_A_FILE' })
    relay.script.welcome = {}
    const other = startClient(relay, { transient: true })
    const nowhere = other.client.uploadImage(join(folder, 'none'))
    await expect(nowhere).rejects.toMatchObject({ reason: 'NO_UPLOADS' })
  })

  test('reads an image’s measures from its receipt', async () => {
    const { blobs, client, local } = await transferWorld()
    await writeFile(local, 'x')
    blobs.script.claims = { w: 40, h: 30, th: Buffer.from('hash').toString('base64url') }
    const { content } = await client.uploadImage(local, { name: 'a.jpg' })
    expect(content.content).toMatchObject({
      $case: 'image',
      value: { name: 'a.jpg', width: 40, height: 30, thumbhash: Buffer.from('hash') },
    })
  })
})
