import { createHash, randomBytes } from 'node:crypto'
import { readdir, rename, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { digestBytes } from '@parley/blob-store'
import { FakeScheduler, eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Checksum } from './checksum.ts'
import { openStore } from './testing/world.ts'
import type { WorldOptions } from './testing/world.ts'

const owner = 'user-a'
const hour = 3_600_000

describe('after a restart', () => {
  test('an upload goes on where its bytes ended, and has the digest of them all', async () => {
    const folder = await tempFolder()
    const bytes = randomBytes(300_000)
    const before = await openStore(folder)
    const { id } = await before.store.uploads.create(owner, { sizeBytes: bytes.length })
    await before.store.uploads.append(id, owner, 0, body(bytes.subarray(0, 123_456)))
    before.store.close()
    const { store } = await reopen(folder)
    expect(store.uploads.find(id, owner).offsetBytes).toBe(123_456)
    const { file } = await store.uploads.append(id, owner, 123_456, body(bytes.subarray(123_456)))
    expect(file?.variants[0]?.digest).toBe(digestBytes(bytes))
  })

  test('bytes on disk that were never acknowledged do not count', async () => {
    const folder = await tempFolder()
    const before = await openStore(folder)
    const { id } = await before.store.uploads.create(owner, { sizeBytes: 10 })
    await before.store.uploads.append(id, owner, 0, body(Buffer.from('01234')))
    before.store.close()
    await writeFile(path.join(folder, 'parts', id), 'garbage', { flag: 'a' })
    const { store } = await reopen(folder)
    const { file } = await store.uploads.append(id, owner, 5, body(Buffer.from('56789')))
    expect(file?.variants[0]?.digest).toBe(digestBytes(Buffer.from('0123456789')))
  })

  test('an upload whose acknowledged bytes are gone is gone, too', async () => {
    const folder = await tempFolder()
    const before = await openStore(folder)
    const { id } = await before.store.uploads.create(owner, { sizeBytes: 10 })
    await before.store.uploads.append(id, owner, 0, body(Buffer.from('01234')))
    before.store.close()
    await truncate(path.join(folder, 'parts', id), 2)
    const { store } = await reopen(folder)
    const missing = { reason: 'NOT_FOUND' }
    await expect(
      store.uploads.append(id, owner, 5, body(Buffer.from('56789'))),
    ).rejects.toMatchObject(missing)
    expect(() => store.uploads.find(id, owner)).toThrow('not found')
  })

  test('a complete upload whose finishing was cut short is finished at the next question', async () => {
    const folder = await tempFolder()
    const finish = () => Promise.reject(new Error('killed here'))
    const before = await openStore(folder, { finish })
    const { id } = await before.store.uploads.create(owner, { sizeBytes: 5 })
    const appending = before.store.uploads.append(id, owner, 0, body(Buffer.from('hello')))
    await expect(appending).rejects.toThrow('killed here')
    before.store.close()
    const { store } = await reopen(folder)
    const file = await store.uploads.result(id, owner)
    expect(file?.variants[0]?.digest).toBe(digestBytes(Buffer.from('hello')))
    expect(await readdir(path.join(folder, 'parts'))).toEqual([])
  })

  test('parts without an upload are removed, those of uploads under way stay', async () => {
    const folder = await tempFolder()
    const before = await openStore(folder)
    const { id } = await before.store.uploads.create(owner, { sizeBytes: 5 })
    before.store.close()
    await writeFile(path.join(folder, 'parts', 'a'.repeat(32)), 'left by a kill')
    await reopen(folder)
    expect(await readdir(path.join(folder, 'parts'))).toEqual([id])
  })
})

test('blobs whose index is gone are left alone: nothing starts on them', async () => {
  const folder = await tempFolder()
  const before = await openStore(folder)
  const file = await upload(before.store, 'still needed')
  before.store.close()
  const index = path.join(folder, 'uploads.sqlite')
  await rename(index, `${index}.moved`)
  const changed = { kind: 'precondition', reason: 'STORAGE_CHANGED' }
  await expect(openStore(folder)).rejects.toMatchObject(changed)
  // Nor on a second try, nor on an index that a kill left empty.
  await writeFile(index, '')
  await expect(openStore(folder)).rejects.toMatchObject(changed)
  await rename(`${index}.moved`, index)
  const { store, blobs } = await reopen(folder)
  store.collection.allHeard()
  await store.collection.run()
  expect(store.files.find(file.id)).toBeDefined()
  expect(await Array.fromAsync(blobs.list())).toHaveLength(1)
})

test('a body with a wrong sum makes nobody read again what was there before', async () => {
  const folder = await tempFolder()
  const { store } = await reopen(folder)
  const { id } = await store.uploads.create(owner, { sizeBytes: 8 })
  await store.uploads.append(id, owner, 0, body(Buffer.from('0123')))
  const part = path.join(folder, 'parts', id)
  // Whoever reads these bytes has another digest than the upload.
  await writeFile(part, 'XXXX')
  const wrong = { ...body(Buffer.from('4')), checksum: sumOf('5') }
  const refused = store.uploads.append(id, owner, 4, wrong)
  await expect(refused).rejects.toMatchObject({ reason: 'CHECKSUM_MISMATCH' })
  const right = { ...body(Buffer.from('45')), checksum: sumOf('45') }
  await store.uploads.append(id, owner, 4, right)
  const { file } = await store.uploads.append(id, owner, 6, body(Buffer.from('67')))
  expect(file?.variants[0]?.digest).toBe(digestBytes(Buffer.from('01234567')))
})

describe('finishing', () => {
  test('happens once, however many ask at the same time', async () => {
    let times = 0
    const { store } = await reopen(await tempFolder(), {
      finish: async ({ path: file, digest, sizeBytes }, blobs) => {
        times += 1
        await blobs.put(file, digest)
        return { facts: {}, variants: [{ variant: 'full', digest, sizeBytes, type: 'x/y' }] }
      },
    })
    const { id } = await store.uploads.create(owner, { sizeBytes: 5 })
    const appending = store.uploads.append(id, owner, 0, body(Buffer.from('hello')))
    const { file } = await appending
    const asked = await Promise.all([
      store.uploads.result(id, owner),
      store.uploads.result(id, owner),
    ])
    expect(asked.map((one) => one?.id)).toEqual([file?.id, file?.id])
    expect(times).toBe(1)
  })

  test('keeps one blob for equal bytes and one file for each upload', async () => {
    const { store, blobs } = await reopen(await tempFolder())
    const first = await upload(store, 'same bytes')
    const second = await upload(store, 'same bytes')
    expect(first.id).not.toBe(second.id)
    expect(await Array.fromAsync(blobs.list())).toHaveLength(1)
    expect(store.uploads.usage()).toEqual({ files: 2, bytes: 10, unfinishedUploads: 0 })
  })
})

test('one user cannot take up every place: further uploads wait, those of others do not', async () => {
  const finishing = Promise.withResolvers<never>()
  let started = 0
  const finish = () => {
    started += 1
    return finishing.promise
  }
  const limits = { maxUserActive: 2 }
  const { store } = await reopen(await tempFolder(), { finish, limits })
  const begin = async (user: string) => {
    const { id } = await store.uploads.create(user, { sizeBytes: 1 })
    return store.uploads.append(id, user, 0, body(Buffer.from('x')))
  }
  const slow = [begin(owner), begin(owner)].map((each) => each.catch(() => 'given up'))
  await eventually(() => started === 2)
  await expect(begin(owner)).rejects.toMatchObject({ reason: 'TOO_MANY_AT_ONCE' })
  const other = begin('user-b').catch(() => 'given up')
  finishing.reject(new Error('enough'))
  expect(await Promise.all([...slow, other])).toEqual(['given up', 'given up', 'given up'])
  await expect(begin(owner)).rejects.toThrow('enough')
})

describe('collection', () => {
  test('forgets uploads after their time, finished or not, and no files', async () => {
    const scheduler = new FakeScheduler()
    const folder = await tempFolder()
    const { store } = await reopen(folder, { scheduler })
    const { id } = await store.uploads.create(owner, { sizeBytes: 5 })
    const file = await upload(store, 'finished')
    await scheduler.advance(24 * hour + 1)
    expect(() => store.uploads.find(id, owner)).toThrow('not found')
    expect(await store.collection.run()).toEqual({ uploads: 2, files: 0, blobs: 0 })
    expect(await readdir(path.join(folder, 'parts'))).toEqual([])
    expect(store.files.find(file.id)).toBeDefined()
  })

  test('takes files that nobody has held for seven days, with their blobs', async () => {
    const scheduler = new FakeScheduler()
    const { store, blobs } = await reopen(await tempFolder(), { scheduler })
    const [unheld, held, released] = [
      await upload(store, 'unheld'),
      await upload(store, 'held'),
      await upload(store, 'released'),
    ]
    hold(store, held.id, 'c/1', true, scheduler.now())
    hold(store, released.id, 'c/2', true, scheduler.now())
    await scheduler.advance(4 * 24 * hour)
    hold(store, released.id, 'c/2', false, scheduler.now())
    await scheduler.advance(4 * 24 * hour)
    store.collection.allHeard()
    await store.collection.run()
    expect(store.files.find(unheld.id)).toBeUndefined()
    expect(store.files.find(held.id)).toBeDefined()
    expect(store.files.find(released.id)).toBeDefined()
    await scheduler.advance(4 * 24 * hour)
    // Saying again what is known extends no life.
    hold(store, released.id, 'c/2', false, scheduler.now())
    store.collection.allHeard()
    await store.collection.run()
    expect(store.files.find(released.id)).toBeUndefined()
    expect(await Array.fromAsync(blobs.list())).toEqual([
      { digest: digestBytes(Buffer.from('held')), sizeBytes: 4 },
    ])
  })

  test('takes only what was old when all holds had been heard, and nothing before that', async () => {
    const scheduler = new FakeScheduler()
    const { store } = await reopen(await tempFolder(), { scheduler })
    const file = await upload(store, 'unheld')
    await scheduler.advance(30 * 24 * hour)
    expect((await store.collection.run()).files).toBe(0)
    const later = await upload(store, 'later')
    store.collection.allHeard()
    await scheduler.advance(8 * 24 * hour)
    expect((await store.collection.run()).files).toBe(1)
    expect([file, later].map(({ id }) => store.files.find(id)?.id)).toEqual([undefined, later.id])
  })

  test('keeps a blob that another file needs', async () => {
    const scheduler = new FakeScheduler()
    const { store, blobs } = await reopen(await tempFolder(), { scheduler })
    await upload(store, 'shared')
    const kept = await upload(store, 'shared')
    hold(store, kept.id, 'c/1', true, scheduler.now())
    await scheduler.advance(8 * 24 * hour)
    store.collection.allHeard()
    expect(await store.collection.run()).toMatchObject({ files: 1, blobs: 0 })
    expect(await Array.fromAsync(blobs.list())).toHaveLength(1)
  })

  test('takes blobs that a crash left without a file', async () => {
    const folder = await tempFolder()
    const { store, blobs } = await reopen(folder)
    const stray = path.join(folder, 'stray')
    await writeFile(stray, 'stray')
    await blobs.put(stray, digestBytes(Buffer.from('stray')))
    const file = await upload(store, 'kept')
    store.collection.allHeard()
    expect(await store.collection.run()).toEqual({ uploads: 0, files: 0, blobs: 1 })
    expect(await blobs.stat(file.variants[0]!.digest)).toBeDefined()
  })
})

describe('holds', () => {
  test('are applied in order, once each, and name what is not here', async () => {
    const { store } = await reopen(await tempFolder())
    const file = await upload(store, 'x')
    const gone = 'z'.repeat(32)
    const changes = [
      { id: file.id, holder: 'c/1', held: true },
      { id: gone, holder: 'c/1', held: true },
      { id: file.id, holder: 'c/1', held: false },
      { id: file.id, holder: 'c/2', held: true },
      { id: gone, holder: 'c/2', held: true },
    ]
    expect(store.files.applyHolds(changes, 1)).toEqual([gone])
    expect(store.files.applyHolds(changes, 2)).toEqual([gone])
    expect(store.files.unheldSince(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    hold(store, file.id, 'c/2', false, 3)
    expect(store.files.unheldSince(2, 10)).toEqual([])
    expect(store.files.unheldSince(3, 10)).toEqual([file.id])
  })

  test('spare a file that is held, or was, just before it would be taken', async () => {
    const { store } = await reopen(await tempFolder())
    const file = await upload(store, 'x')
    hold(store, file.id, 'c/1', true, 1)
    expect(store.files.deleteUnheld(file.id, 1)).toBeUndefined()
    hold(store, file.id, 'c/1', false, 2)
    expect(store.files.deleteUnheld(file.id, 1)).toBeUndefined()
    expect(store.files.find(file.id)).toBeDefined()
    expect(store.files.deleteUnheld(file.id, 2)).toHaveLength(1)
  })
})

async function reopen(folder: string, options: WorldOptions = {}) {
  const opened = await openStore(folder, options)
  onTestFinished(() => opened.store.close())
  return opened
}

type Store = Awaited<ReturnType<typeof openStore>>['store']

async function upload(store: Store, text: string) {
  const bytes = Buffer.from(text)
  const { id } = await store.uploads.create(owner, { sizeBytes: bytes.length })
  const { file } = await store.uploads.append(id, owner, 0, body(bytes))
  return file!
}

function hold(store: Store, id: string, holder: string, held: boolean, nowMs: number): void {
  store.files.applyHolds([{ id, holder, held }], nowMs)
}

function body(bytes: Uint8Array) {
  return { chunks: chunksOf(bytes) }
}

async function* chunksOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

function sumOf(text: string): Checksum {
  return { algorithm: 'sha1', expected: createHash('sha1').update(text).digest() }
}
