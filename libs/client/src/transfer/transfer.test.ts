import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chat } from '@parley/proto'
import { tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { idText } from '../ids.ts'
import { ScriptedBlobs, digestOf } from '../testing/scripted-blobs.ts'
import { quickScheduler, startClient, startRelay } from '../testing/world.ts'

async function setup() {
  const relay = await startRelay()
  const blobs = await new ScriptedBlobs().start()
  onTestFinished(() => blobs.stop())
  relay.script.welcome = { filesUrl: blobs.url, imagesUrl: blobs.url }
  const one = startClient(relay, { scheduler: quickScheduler(), transient: true })
  const folder = await tempFolder()
  const local = join(folder, 'notes.txt')
  return { relay, blobs, ...one, folder, local }
}

function linesOf(blobs: ScriptedBlobs, method: string): number {
  return blobs.requests.filter(({ line }) => line.startsWith(`${method} `)).length
}

describe('uploading', () => {
  test('answers the content and the receipt that a message needs', async () => {
    const { blobs, client, local } = await setup()
    const bytes = randomBytes(300_000)
    await writeFile(local, bytes)
    const seen: number[] = []
    const { content, receipt } = await client.uploadFile(local, { progress: (n) => seen.push(n) })
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
    expect(seen.at(-1)).toBe(300_000)
    expect(blobs.requests[0]?.token).toMatch(/^Bearer x\./)
  })

  test('goes on where the server’s bytes end when the connection breaks, again and again', async () => {
    const { blobs, client, local } = await setup()
    const bytes = randomBytes(1_000_000)
    await writeFile(local, bytes)
    blobs.script.cutUploads = Array.from({ length: 12 }, () => 70_000)
    await client.uploadFile(local)
    const [upload] = blobs.uploads.values()
    expect(upload?.bytes.equals(bytes)).toBe(true)
    expect(linesOf(blobs, 'POST')).toBe(1)
  })

  test('goes on with an interrupted upload of the same file after a restart', async () => {
    const { relay, blobs, client, state, local } = await setup()
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
    const { blobs, client, local } = await setup()
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
    const { client, local } = await setup()
    await writeFile(local, '')
    const { content } = await client.uploadFile(local)
    expect(content.content?.value).toMatchObject({ size: 0 })
  })

  test('takes a new token when its own is refused, once', async () => {
    const { relay, blobs, client, local } = await setup()
    await writeFile(local, 'x')
    blobs.script.statuses = [401]
    await client.uploadFile(local)
    expect(relay.requests.filter(({ method }) => method === 'refresh')).toHaveLength(1)
    blobs.script.statuses = [401, 401]
    const refused = client.uploadFile(local)
    await expect(refused).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('gives up after eight failures in a row without progress', async () => {
    const { blobs, client, local } = await setup()
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
    const { blobs, client, local } = await setup()
    await writeFile(local, 'x')
    blobs.script.statuses = [status]
    const refused = client.uploadFile(local)
    await expect(refused).rejects.toMatchObject({ kind, reason: `SCRIPTED_${status}` })
    expect(blobs.requests).toHaveLength(1)
  })

  test('notices that the server stored other bytes', async () => {
    const { blobs, client, local } = await setup()
    await writeFile(local, 'x')
    blobs.script.claims = { digest: '00'.repeat(32) }
    await expect(client.uploadFile(local)).rejects.toMatchObject({ reason: 'DIGEST_MISMATCH' })
  })

  test('carries its token to no other server', async () => {
    const { blobs, client, local } = await setup()
    await writeFile(local, 'x')
    blobs.script.location = () => 'http://127.0.0.1:1/uploads/x'
    await expect(client.uploadFile(local)).rejects.toMatchObject({ reason: 'UPLOAD_ELSEWHERE' })
  })

  test('carries its token over no network without TLS', async () => {
    const { relay, local } = await setup()
    await writeFile(local, 'x')
    relay.script.welcome = { filesUrl: 'http://files.example:80' }
    const { client } = startClient(relay, { transient: true })
    await expect(client.uploadFile(local)).rejects.toMatchObject({ reason: 'PLAINTEXT_REFUSED' })
  })

  test('names what cannot be uploaded', async () => {
    const { relay, client, folder } = await setup()
    const missing = client.uploadFile(join(folder, 'none'))
    await expect(missing).rejects.toMatchObject({ reason: 'NO_SUCH_FILE' })
    await expect(client.uploadFile(folder)).rejects.toMatchObject({ reason: 'NOT_A_FILE' })
    relay.script.welcome = {}
    const other = startClient(relay, { transient: true })
    const nowhere = other.client.uploadImage(join(folder, 'none'))
    await expect(nowhere).rejects.toMatchObject({ reason: 'NO_UPLOADS' })
  })

  test('reads an image’s measures from its receipt', async () => {
    const { blobs, client, local } = await setup()
    await writeFile(local, 'x')
    blobs.script.claims = { w: 40, h: 30, th: Buffer.from('hash').toString('base64url') }
    const { content } = await client.uploadImage(local, { name: 'a.jpg' })
    expect(content.content).toMatchObject({
      $case: 'image',
      value: { name: 'a.jpg', width: 40, height: 30, thumbhash: Buffer.from('hash') },
    })
  })
})

describe('downloading', () => {
  async function offered(bytes: Buffer, path = '/files/f1') {
    const world = await setup()
    const { relay, blobs } = world
    blobs.files.set(path, bytes)
    const digest = Buffer.from(digestOf(bytes), 'hex')
    const content = path.startsWith('/files')
      ? { $case: 'file' as const, value: { fileId: 'f1', digest } }
      : { $case: 'image' as const, value: { imageId: 'i1', digest } }
    const entry = chat.Entry.fromPartial({ content: { content } })
    relay.answers.set('listMessages', () => ({ entries: [{ seq: 4, entry }], more: true }))
    let tickets = 0
    relay.answers.set('createTicket', () => ({
      ticket: `t${(tickets += 1)}`,
      expiresAtMs: 0,
      url: `${blobs.url}${path.replace(/\/(thumb|preview|full)$/, '')}`,
    }))
    const place = { conversationId: idText(Buffer.alloc(16, 1)), seq: 4 }
    return { ...world, place, target: join(world.folder, 'copy'), digest: digest.toString('hex') }
  }

  test('brings every byte, checked', async () => {
    const bytes = randomBytes(700_000)
    const { client, place, target, digest } = await offered(bytes)
    const done = await client.download(place, target)
    expect(done).toEqual({ path: target, bytes: 700_000, digest, resumedFrom: 0 })
    expect((await readFile(target)).equals(bytes)).toBe(true)
    expect((await stat(target)).mode & 0o077).toBe(0)
  })

  test('goes on with a new ticket where it was broken off', async () => {
    const bytes = randomBytes(2_000_000)
    const { blobs, client, place, target } = await offered(bytes)
    blobs.script.cutDownloads = [500_000, 500_000]
    await client.download(place, target)
    expect((await readFile(target)).equals(bytes)).toBe(true)
    expect(blobs.requests.map(({ token }) => token)).toEqual([
      'Bearer t1',
      'Bearer t2',
      'Bearer t3',
    ])
    expect(blobs.requests.slice(1).every(({ range }) => range !== '')).toBe(true)
  })

  test('goes on with what an earlier run has left', async () => {
    const bytes = randomBytes(700_000)
    const { relay, blobs, client, state, place, target } = await offered(bytes)
    blobs.script.cutDownloads = [300_000]
    const stop = new AbortController()
    const progress = (done: number) => done >= 300_000 && stop.abort()
    const cut = client.download(place, target, { signal: stop.signal, progress })
    await expect(cut).rejects.toMatchObject({ reason: 'CANCELLED' })
    await client.close()
    const again = startClient(relay, { state, transient: true })
    const done = await again.client.download(place, target)
    expect(done.resumedFrom).toBeGreaterThan(0)
    expect((await readFile(target)).equals(bytes)).toBe(true)
  })

  test('begins anew when the bytes on the server are others than before', async () => {
    const { blobs, client, state, place, target } = await offered(randomBytes(50_000))
    await writeFile(`${target}.part`, randomBytes(20_000))
    state.saveTransfer(`${target}.part`, { url: '', etag: '"other"' }, 0)
    const done = await client.download(place, target)
    expect(done.resumedFrom).toBe(0)
    expect((await readFile(target)).equals(blobs.files.get('/files/f1')!)).toBe(true)
  })

  test('finishes a download whose last byte was there already', async () => {
    const bytes = randomBytes(50_000)
    const { client, state, place, target, digest } = await offered(bytes)
    await writeFile(`${target}.part`, bytes)
    state.saveTransfer(`${target}.part`, { url: '', etag: `"${digest}"` }, 0)
    await client.download(place, target)
    expect((await readFile(target)).equals(bytes)).toBe(true)
  })

  test('keeps nothing of bytes that are not those that were sent', async () => {
    const { blobs, client, place, target } = await offered(randomBytes(1_000))
    blobs.files.set('/files/f1', randomBytes(1_000))
    const done = client.download(place, target)
    await expect(done).rejects.toMatchObject({ kind: 'corrupt', reason: 'DIGEST_MISMATCH' })
    await expect(stat(target)).rejects.toThrow('ENOENT')
    await expect(stat(`${target}.part`)).rejects.toThrow('ENOENT')
  })

  test('overwrites nothing', async () => {
    const { blobs, client, place, target } = await offered(randomBytes(10))
    await writeFile(target, 'mine')
    const done = client.download(place, target)
    await expect(done).rejects.toMatchObject({ kind: 'conflict', reason: 'FILE_EXISTS' })
    expect(await readFile(target, 'utf8')).toBe('mine')
    expect(blobs.requests).toEqual([])
  })

  test.each(['thumb', 'preview', 'full'] as const)(
    'asks for the %s of an image',
    async (variant) => {
      const bytes = randomBytes(100)
      const { client, place, target } = await offered(bytes, `/images/i1/${variant}`)
      const done = await client.download(place, target, { variant })
      expect(done.bytes).toBe(100)
    },
  )

  test('says what it cannot write, and asks no server again', async () => {
    const { blobs, client, place, target } = await offered(randomBytes(10))
    const done = client.download(place, join(target, 'no', 'such', 'folder'))
    await expect(done).rejects.toMatchObject({
      kind: 'precondition',
      reason: 'CANNOT_WRITE',
      message: expect.stringMatching(/ cannot be written: there is no such folder$/),
    })
    expect(linesOf(blobs, 'GET')).toBe(1)
  })

  test('says that a message carries no file', async () => {
    const { relay, client, place, target } = await offered(randomBytes(1))
    relay.answers.set('listMessages', () => ({ entries: [], more: false }))
    const none = client.download(place, target)
    await expect(none).rejects.toMatchObject({ reason: 'NO_ATTACHMENT' })
  })
})
