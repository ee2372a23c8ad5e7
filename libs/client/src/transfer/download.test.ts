import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chat } from '@parley/proto'
import { systemScheduler } from '@parley/service-kit'
import { describe, expect, test } from 'vitest'
import type { TransferProgress } from '../api.ts'
import { idBytes, idText } from '../ids.ts'
import { digestOf } from '../testing/scripted-blobs.ts'
import { linesOf, partOf, transferWorld } from '../testing/transfer-world.ts'
import { startClient } from '../testing/world.ts'
import { download } from './download.ts'

describe('downloading', () => {
  async function offered(bytes: Buffer, path = '/files/f1') {
    const world = await transferWorld()
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
    expect(done).toEqual({ path: target, bytes: 700_000, digest, resumedFrom: 0, directBytes: 0 })
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
    const progress = ({ doneBytes }: TransferProgress) => doneBytes >= 300_000 && stop.abort()
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
    await writeFile(partOf(target), randomBytes(20_000))
    state.saveTransfer(partOf(target), { url: '', etag: '"other"' }, 0)
    const done = await client.download(place, target)
    expect(done.resumedFrom).toBe(0)
    expect((await readFile(target)).equals(blobs.files.get('/files/f1')!)).toBe(true)
  })

  test('finishes a download whose last byte was there already', async () => {
    const bytes = randomBytes(50_000)
    const { client, state, place, target, digest } = await offered(bytes)
    await writeFile(partOf(target), bytes)
    state.saveTransfer(partOf(target), { url: '', etag: `"${digest}"` }, 0)
    await client.download(place, target)
    expect((await readFile(target)).equals(bytes)).toBe(true)
  })

  test('keeps nothing of bytes that are not those that were sent', async () => {
    const { blobs, client, place, target } = await offered(randomBytes(1_000))
    blobs.files.set('/files/f1', randomBytes(1_000))
    const done = client.download(place, target)
    await expect(done).rejects.toMatchObject({ kind: 'corrupt', reason: 'DIGEST_MISMATCH' })
    await expect(stat(target)).rejects.toThrow('ENOENT')
    await expect(stat(partOf(target))).rejects.toThrow('ENOENT')
  })

  test('leaves what is called as a part alone, whoever made it', async () => {
    const { blobs, client, state, place, target } = await offered(randomBytes(10))
    await writeFile(`${target}.part`, 'fetched before')
    await client.download(place, target)
    expect(await readFile(`${target}.part`, 'utf8')).toBe('fetched before')
    const other = `${target}2`
    await writeFile(partOf(other), 'mine')
    const asked = blobs.requests.length
    const refused = client.download(place, other)
    await expect(refused).rejects.toMatchObject({
      reason: 'FILE_EXISTS',
      message: expect.stringContaining(partOf(other)),
    })
    expect(await readFile(partOf(other), 'utf8')).toBe('mine')
    expect(blobs.requests).toHaveLength(asked)
    expect(state.transfer(partOf(target))).toBeUndefined()
  })

  test('leaves alone what comes to be in the place of its part meanwhile', async () => {
    const { relay, client, state, place, target } = await offered(randomBytes(10))
    const ticket = relay.answers.get('createTicket')!
    relay.answers.set('createTicket', (asked, meta) => {
      writeFileSync(partOf(target), 'mine')
      return ticket(asked, meta)
    })
    const refused = client.download(place, target)
    await expect(refused).rejects.toMatchObject({ kind: 'conflict', reason: 'FILE_EXISTS' })
    expect(await readFile(partOf(target), 'utf8')).toBe('mine')
    expect(state.transfer(partOf(target))).toBeUndefined()
  })

  test.each([503, 0])('tries once, and remembers nothing, where that is meant', async (status) => {
    const { blobs, client, state, place, target } = await offered(randomBytes(50_000))
    if (status > 0) blobs.script.statuses = [status]
    else blobs.script.cutDownloads = [20_000]
    const refused = client.download(place, target, { once: true })
    await expect(refused).rejects.toMatchObject({ kind: 'unavailable' })
    expect(linesOf(blobs, 'GET')).toBe(1)
    expect(state.transfer(partOf(target))).toBeUndefined()
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

  test('asks other devices for what others have sent, never for what this user has', async () => {
    const bytes = randomBytes(50_000)
    const { relay, blobs, client, state, place, target, digest } = await offered(bytes)
    const { userId } = client.login
    const file = { fileId: 'f1', digest: Buffer.from(digest, 'hex'), size: bytes.length }
    const asked: number[] = []
    async function* given(offset: number) {
      asked.push(offset)
      yield bytes.subarray(offset)
    }
    const token = async () => 't'
    const tokens = { access: token, renewed: token, login: () => client.login }
    const context = { tokens, state, scheduler: systemScheduler, allowPlaintext: false }
    const directly = (_file: unknown, offset: number) => given(offset)
    const fetched = async (senderId: Buffer, path: string) => {
      const content = { content: { $case: 'file' as const, value: file } }
      const entry = chat.Entry.fromPartial({ senderId, content })
      relay.answers.set('listMessages', () => ({ entries: [{ seq: 4, entry }], more: false }))
      const request = { place, path, calls: client.calls, userId, directly }
      return (await download(context, request, {})).directBytes
    }
    expect(await fetched(Buffer.alloc(16, 'bob'), target)).toBe(bytes.length)
    expect(await fetched(idBytes(userId), `${target}2`)).toBe(0)
    expect([asked, linesOf(blobs, 'GET')]).toEqual([[0], 1])
  })

  test('says that a message carries no file', async () => {
    const { relay, client, place, target } = await offered(randomBytes(1))
    relay.answers.set('listMessages', () => ({ entries: [], more: false }))
    const none = client.download(place, target)
    await expect(none).rejects.toMatchObject({ reason: 'NO_ATTACHMENT' })
  })
})
