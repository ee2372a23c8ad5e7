import { open, readdir, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { FakeScheduler, eventually, startFakeS3, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { digestBytes } from '../digest.ts'
import { openBucket } from './open-bucket.ts'
import { S3BlobStore } from './s3-blob-store.ts'
import { parseS3Url } from './s3-url.ts'
import { UnansweredDeletes } from './unanswered-deletes.ts'

const bytes = Buffer.from('stored again')
const digest = digestBytes(bytes)
const answerLimitMs = 10_000
const dayMs = 24 * 3_600_000

test('what is stored again after a delete without an answer is there, however late that is carried out', async () => {
  const { s3, store, put, read, giveUp } = await setup()
  await put()
  await giveUp()
  expect(await store.stat(digest)).toBeUndefined()
  await put()
  expect(s3.carryOutLate()).toBe(1)
  expect(await read(store)).toEqual(bytes)
})

test('so it is when the process ended before the answer', async () => {
  const { s3, store, put, read, reopened } = await setup()
  await put()
  s3.fail({ on: 'DELETE', does: { kind: 'late', breaks: false } })
  store.delete(digest).catch(() => undefined)
  await eventually(() => s3.requests.at(-1)?.startsWith('DELETE') === true)
  const after = await reopened()
  await put(after)
  expect(s3.carryOutLate()).toBe(1)
  expect(await read(after)).toEqual(bytes)
})

test('so it is when the bucket was asked again and answered that', async () => {
  const { s3, store, put, read } = await setup()
  await put()
  s3.fail({ on: 'DELETE', does: { kind: 'late', breaks: true } })
  expect(await store.delete(digest)).toBe(true)
  expect(s3.requests.filter((each) => each.startsWith('DELETE'))).toHaveLength(2)
  await put()
  expect(s3.carryOutLate()).toBe(1)
  expect(await read(store)).toEqual(bytes)
})

test('other servers find what is stored again, before and after the late delete', async () => {
  const { s3, put, read, giveUp, neighbour } = await setup()
  await put()
  await giveUp()
  await put()
  expect(await read(neighbour)).toEqual(bytes)
  s3.carryOutLate()
  expect(await read(neighbour)).toEqual(bytes)
})

test('it is listed once and deleted whole', async () => {
  const { s3, store, put, giveUp } = await setup()
  await put()
  await giveUp()
  await put()
  expect(s3.objects.size).toBe(2)
  expect(await Array.fromAsync(store.list())).toEqual([{ digest, sizeBytes: bytes.length }])
  expect(await store.delete(digest)).toBe(true)
  expect(s3.objects.size).toBe(0)
  expect(await store.delete(digest)).toBe(false)
})

test('what no delete took in the end is listed, so that it is deleted again', async () => {
  const { s3, store, put, giveUp } = await setup()
  await put()
  await giveUp()
  expect(await Array.fromAsync(store.list())).toEqual([{ digest, sizeBytes: bytes.length }])
  expect(await store.delete(digest)).toBe(true)
  expect(s3.objects.size).toBe(0)
})

test('a delete that was answered leaves nothing behind', async () => {
  const { s3, store, put, left } = await setup()
  await put()
  await store.delete(digest)
  expect(await left()).toEqual([])
  await put()
  expect([...s3.objects.keys()]).toEqual([`blobs/one/${digest}`])
})

test('a delete that the bucket refused at once is none, one that it refused later may be', async () => {
  const { s3, store, put, read, left } = await setup()
  const refuse = () =>
    s3.fail({ on: 'DELETE', does: { kind: 'refuse', status: 403, code: 'AccessDenied' } })
  await put()
  refuse()
  await expect(store.delete(digest)).rejects.toMatchObject({ reason: 'BUCKET_REFUSED' })
  expect(await left()).toEqual([])
  expect(await read(store)).toEqual(bytes)
  s3.fail({ on: 'DELETE', does: { kind: 'late', breaks: true } })
  refuse()
  await expect(store.delete(digest)).rejects.toMatchObject({ reason: 'BUCKET_REFUSED' })
  expect(await left()).toEqual([digest])
  refuse()
  await expect(store.delete(digest)).rejects.toMatchObject({ reason: 'BUCKET_REFUSED' })
  expect(await left()).toEqual([digest])
})

test('that it was answered is on disk before the same bytes can be stored again', async () => {
  const { store, put, left, folder } = await setup()
  await put()
  const namesAtSyncs = await watchSyncs(folder, left)
  await store.delete(digest)
  expect(namesAtSyncs).toContainEqual([digest])
  expect(namesAtSyncs.at(-1)).toEqual([])
})

test('nothing is stored where both deletes may still come, until a day has passed', async () => {
  const { scheduler, s3, store, put, read, giveUp, left } = await setup()
  await put()
  await giveUp()
  await put()
  const keys = `blobs/one/${digest}.2`
  s3.fail({ on: 'DELETE', keys, does: { kind: 'late', breaks: true } })
  await store.delete(digest)
  expect((await left()).toSorted()).toEqual([digest, `${digest}.2`])
  await expect(put()).rejects.toMatchObject({
    kind: 'unavailable',
    reason: 'BUCKET_UNAVAILABLE',
    retryAfterMs: 5_000,
  })
  await scheduler.advance(dayMs)
  await put()
  expect(await read(store)).toEqual(bytes)
})

test('unanswered deletes are forgotten after a day, and beyond so many none is begun', async () => {
  const folder = await tempFolder()
  const scheduler = new FakeScheduler()
  const deletes = await UnansweredDeletes.open({ folder, scheduler, max: 2 })
  expect(await deletes.begin('one')).toBe(true)
  await scheduler.advance(1_000)
  expect(await deletes.begin('one')).toBe(false)
  expect(await deletes.begin('two')).toBe(true)
  await expect(deletes.begin('three')).rejects.toMatchObject({ reason: 'BUCKET_UNAVAILABLE' })
  await scheduler.advance(dayMs - 1)
  const later = await UnansweredDeletes.open({ folder, scheduler, max: 2 })
  expect([later.has('one'), later.has('two'), later.has('three')]).toEqual([true, true, false])
  await scheduler.advance(1)
  expect([later.has('one'), later.has('two')]).toEqual([false, false])
  expect(await later.begin('three')).toBe(true)
  expect(await readdir(folder)).toEqual(['three'])
})

test('the draft that a kill has left is no delete', async () => {
  const folder = await tempFolder()
  await writeFile(path.join(folder, 'one.0.draft'), '')
  const deletes = await UnansweredDeletes.open({ folder, scheduler: new FakeScheduler() })
  expect(deletes.has('one')).toBe(false)
  expect(await readdir(folder)).toEqual([])
})

/** What there is whenever something is synced. */
async function watchSyncs(folder: string, left: () => Promise<string[]>): Promise<string[][]> {
  const handle = await open(folder)
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const names: string[][] = []
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(async () => {
    names.push(await left())
  })
  onTestFinished(() => spy.mockRestore())
  return names
}

async function setup() {
  const folder = await tempFolder()
  const scheduler = new FakeScheduler()
  const s3 = await startFakeS3()
  const location = parseS3Url(s3.url)
  if (typeof location === 'string') throw new Error(location)
  const bucket = await openBucket(location, scheduler)
  onTestFinished(async () => {
    bucket.close()
    await s3.close()
  })
  const deletes = path.join(folder, 'deletes')
  const reopened = async () => {
    const unanswered = await UnansweredDeletes.open({ folder: deletes, scheduler })
    return new S3BlobStore(bucket, 'one', scheduler, unanswered)
  }
  const store = await reopened()
  const file = path.join(folder, 'incoming')
  await writeFile(file, bytes)
  return {
    folder,
    scheduler,
    s3,
    store,
    reopened,
    neighbour: new S3BlobStore(bucket, 'one', scheduler),
    left: () => readdir(deletes),
    put: (to = store) => to.put(file, digest),
    /** Deletes; the bucket does it later, and the store does not wait for that. */
    giveUp: async () => {
      s3.fail({ on: 'DELETE', does: { kind: 'late', breaks: false } })
      const deleting = store.delete(digest)
      deleting.catch(() => undefined)
      await eventually(() => s3.requests.at(-1)?.startsWith('DELETE') === true)
      await scheduler.advance(answerLimitMs)
      await expect(deleting).rejects.toMatchObject({ reason: 'BUCKET_UNAVAILABLE' })
    },
    read: async (from: S3BlobStore) => {
      const blob = await from.open(digest)
      const got = blob && (await buffer(blob.stream(0, blob.sizeBytes)))
      await blob?.close()
      return got
    },
  }
}
