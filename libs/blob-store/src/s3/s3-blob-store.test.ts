import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { systemScheduler } from '@parley/service-kit'
import { FakeScheduler, eventually, startFakeS3, tempFolder } from '@parley/testkit'
import type { FakeS3 } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { blobStoreContract } from '../blob-store.contract.ts'
import { digestBytes } from '../digest.ts'
import { openBucket } from './open-bucket.ts'
import { S3BlobStore } from './s3-blob-store.ts'
import { parseS3Url } from './s3-url.ts'

const mebibyte = 1 << 20
const partBytes = 5 * mebibyte
const refused = { kind: 'refuse', status: 503, code: 'SlowDown' } as const

describe('S3BlobStore', () => {
  blobStoreContract(async () => (await setup()).store)

  test('keeps its blobs under its own name, and reads those of others', async () => {
    const { s3, store, put, storeOf } = await setup()
    const digest = await put(Buffer.from('mine'))
    expect([...s3.objects.keys()]).toEqual([`blobs/one/${digest}`])
    expect(await storeOf('two').stat(digest)).toBeUndefined()
    expect(await Array.fromAsync(storeOf('two').list())).toEqual([])
    expect(await storeOf('one').stat(digest)).toEqual(await store.stat(digest))
  })

  test('lists more blobs than a page holds', async () => {
    const { s3, store } = await setup()
    const digests = Array.from({ length: 2_345 }, (_, i) => digestBytes(Buffer.from(`${i}`)))
    const objects = s3.objects as Map<string, { bytes: Buffer; etag: string; metadata: object }>
    for (const digest of digests) {
      objects.set(`blobs/one/${digest}`, { bytes: Buffer.from('x'), etag: '', metadata: {} })
    }
    const listed = (await Array.fromAsync(store.list())).map((each) => each.digest)
    expect(listed).toEqual(digests.toSorted())
  })

  test('asks nothing twice for a blob that is there already', async () => {
    const { s3, put } = await setup()
    await put(Buffer.from('once'))
    await put(Buffer.from('once'))
    expect(s3.requests.filter((each) => each.startsWith('PUT'))).toHaveLength(1)
  })

  test('stores again what has another size than its digest', async () => {
    const { s3, store, put } = await setup()
    const digest = await put(Buffer.from('whole'))
    const key = `blobs/one/${digest}`
    const objects = s3.objects as Map<string, object>
    objects.set(key, { ...s3.objects.get(key), bytes: Buffer.from('who') })
    await put(Buffer.from('whole'))
    expect(await store.stat(digest)).toEqual({ digest, sizeBytes: 5 })
  })

  test('says of an object that bears another digest that it is damaged', async () => {
    const { s3, store, put } = await setup()
    const digest = await put(Buffer.from('some'))
    const key = `blobs/one/${digest}`
    const objects = s3.objects as Map<string, object>
    objects.set(key, { ...s3.objects.get(key), metadata: { blake3: '0'.repeat(64) } })
    await expect(store.open(digest)).rejects.toMatchObject({ reason: 'BLOB_DAMAGED' })
  })

  test('keeps a blob that is stored again while its last reader has it', async () => {
    const { store, put } = await setup()
    const digest = await put(Buffer.from('again'))
    const blob = await store.open(digest)
    expect(await store.delete(digest)).toBe(true)
    await put(Buffer.from('again'))
    await blob?.close()
    expect(await store.stat(digest)).toEqual({ digest, sizeBytes: 5 })
  })

  test('gives a delete up that has no answer, and lets its bytes be stored again only then', async () => {
    const scheduler = new FakeScheduler()
    const { s3, store, put } = await setup(scheduler)
    const digest = await put(Buffer.from('again'))
    s3.fail({ on: 'DELETE', times: 9, does: { kind: 'mute' } })
    const deleting = store.delete(digest)
    deleting.catch(() => undefined)
    await eventually(() => s3.requests.at(-1)?.startsWith('DELETE') === true)
    const order: string[] = []
    const storing = put(Buffer.from('again')).then(() => order.push('stored'))
    const givenUp = deleting.catch(() => order.push('given up'))
    await scheduler.advance(10_000)
    await expect(deleting).rejects.toMatchObject({ reason: 'BUCKET_UNAVAILABLE' })
    await Promise.all([storing, givenUp])
    expect(order).toEqual(['given up', 'stored'])
    expect(await store.stat(digest)).toEqual({ digest, sizeBytes: 5 })
    s3.recover()
    expect(await store.delete(digest)).toBe(true)
    expect(s3.objects.size).toBe(0)
  })

  test('takes what was deleted out of the bucket when its last reader has closed it', async () => {
    const { s3, store, put } = await setup()
    const digest = await put(Buffer.from('read twice'))
    const [first, second] = [await store.open(digest), await store.open(digest)]
    await store.delete(digest)
    await first?.close()
    expect(s3.objects.size).toBe(1)
    await second?.close()
    expect(s3.objects.size).toBe(0)
  })
})

describe('a large blob', () => {
  test('goes up in parts and comes down byte for byte, in ranges as well', async () => {
    const { s3, store, putFile } = await setup()
    const { bytes, digest } = await putFile(12 * mebibyte)
    expect(s3.requests.filter((each) => each.startsWith('PUT'))).toHaveLength(3)
    expect(s3.openUploads()).toBe(0)
    const blob = await store.open(digest)
    expect(digestBytes(await buffer(blob!.stream(0, bytes.length)))).toBe(digest)
    const [start, end] = [5 * mebibyte - 3, 10 * mebibyte + 5]
    expect((await buffer(blob!.stream(start, end))).equals(bytes.subarray(start, end))).toBe(true)
    await blob!.close()
  })

  test('survives refusals of its parts', async () => {
    const { s3, store, putFile } = await setup()
    s3.fail({ on: 'PUT?parts', does: refused })
    s3.fail({ on: 'PUT?parts', does: { kind: 'lose' } })
    const { digest, bytes } = await putFile(11 * mebibyte)
    expect(await store.stat(digest)).toEqual({ digest, sizeBytes: bytes.length })
  })

  test('that cannot be stored leaves no parts behind', async () => {
    const { s3, store, putFile } = await setup()
    s3.fail({ on: 'PUT?parts', times: 100, does: refused })
    const putting = putFile(11 * mebibyte)
    await expect(putting).rejects.toMatchObject({ reason: 'BUCKET_UNAVAILABLE' })
    await eventually(() => s3.openUploads() === 0)
    expect(await Array.fromAsync(store.list())).toEqual([])
  })

  test('is stored also when only the last answer is lost', async () => {
    const { s3, store, putFile } = await setup()
    // The repeats of the request that completes it find no upload any more.
    s3.fail({ on: 'POST?complete', does: { kind: 'lose' } })
    const { digest, bytes } = await putFile(6 * mebibyte)
    expect(await store.stat(digest)).toEqual({ digest, sizeBytes: bytes.length })
  })
})

describe('a read', () => {
  test('that is cut off goes on where it stopped', async () => {
    const { s3, store, put } = await setup()
    const bytes = randomBytes(300_000)
    const digest = await put(bytes)
    for (const afterBytes of [0, 100_000, 7]) {
      s3.fail({ on: 'GET', does: { kind: 'cut', afterBytes } })
    }
    const blob = await store.open(digest)
    expect((await buffer(blob!.stream(10, 299_990))).equals(bytes.subarray(10, 299_990))).toBe(true)
    await blob!.close()
  })

  test('gives up after three attempts that brought nothing', async () => {
    const { s3, store, put } = await setup()
    const digest = await put(randomBytes(1_000))
    s3.fail({ on: 'GET', times: 100, does: { kind: 'cut', afterBytes: 0 } })
    const blob = await store.open(digest)
    const reading = buffer(blob!.stream(0, 1_000))
    await expect(reading).rejects.toMatchObject({ reason: 'BUCKET_UNAVAILABLE' })
    expect(s3.requests.filter((each) => each.startsWith('GET'))).toHaveLength(3)
    await blob!.close()
  })

  test('of a bucket that falls silent in the middle goes on after a while', async () => {
    const scheduler = new FakeScheduler()
    const { s3, store, put } = await setup(scheduler)
    const bytes = randomBytes(200_000)
    const digest = await put(bytes)
    s3.fail({ on: 'GET', does: { kind: 'silence', afterBytes: 50_000 } })
    const blob = await store.open(digest)
    const reading = buffer(blob!.stream(0, bytes.length))
    await eventually(async () => {
      await scheduler.advance(5_000)
      return s3.requests.filter((each) => each.startsWith('GET')).length > 1
    })
    expect((await reading).equals(bytes)).toBe(true)
    await blob!.close()
  })

  test('of a blob that is gone meanwhile fails at once', async () => {
    const { s3, store, put } = await setup()
    const digest = await put(randomBytes(1_000))
    const blob = await store.open(digest)
    s3.lose(`blobs/one/${digest}`)
    await expect(buffer(blob!.stream(0, 10))).rejects.toMatchObject({ reason: 'BLOB_GONE' })
    await blob!.close()
  })

  test('takes no more from the bucket than its reader takes from it', async () => {
    const { s3, store, putFile } = await setup()
    const { digest, bytes } = await putFile(16 * mebibyte)
    const blob = await store.open(digest)
    const stream = blob!.stream(0, bytes.length)
    stream.read()
    await eventually(() => stream.readableLength > 0)
    // What is between them is in the buffers of both sockets and of this stream.
    await eventually(() => stream.readableLength < mebibyte)
    expect(s3.sentBytes()).toBeLessThan(bytes.length)
    await blob!.close()
    expect(stream.destroyed).toBe(true)
  })
})

describe('a bucket', () => {
  test('that is away is unavailable, with a time to come back', async () => {
    const { s3, store } = await setup()
    await s3.close()
    await expect(store.stat('0'.repeat(64))).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'BUCKET_UNAVAILABLE',
      retryAfterMs: 5_000,
    })
  })

  test('that takes longer than 10 s to answer is unavailable', async () => {
    const scheduler = new FakeScheduler()
    const { s3, store, put } = await setup(scheduler)
    const digest = await put(Buffer.from('x'))
    s3.fail({ on: 'HEAD', times: 9, does: { kind: 'mute' } })
    const asking = store.stat(digest)
    asking.catch(() => undefined)
    await eventually(() => s3.requests.at(-1)?.startsWith('HEAD') === true)
    await scheduler.advance(10_000)
    await expect(asking).rejects.toMatchObject({ reason: 'BUCKET_UNAVAILABLE' })
  })

  test('is asked again when it refuses for now, three times in all', async () => {
    const { s3, store, put } = await setup()
    const digest = await put(Buffer.from('x'))
    s3.fail({ on: 'HEAD', times: 2, does: refused })
    expect(await store.stat(digest)).toEqual({ digest, sizeBytes: 1 })
    s3.fail({ on: 'HEAD', times: 3, does: refused })
    await expect(store.stat(digest)).rejects.toMatchObject({ reason: 'BUCKET_UNAVAILABLE' })
  })

  test.each([
    [403, 'AccessDenied', 'unavailable', 'BUCKET_REFUSED'],
    [507, 'InsufficientStorage', 'exhausted', 'BUCKET_FULL'],
  ])('that answers %i %s is told apart', async (status, code, kind, reason) => {
    const { s3, put } = await setup()
    s3.fail({ on: 'PUT', times: 3, does: { kind: 'refuse', status, code } })
    await expect(put(Buffer.from('x'))).rejects.toMatchObject({ kind, reason })
  })

  test('does not let in who has another secret, nor another bucket', async () => {
    const { s3 } = await setup()
    for (const url of [s3.url.replace('fake-secret', 'other'), s3.url.replace('-test?', '-no?')]) {
      const location = parseS3Url(url)
      if (typeof location === 'string') throw new Error(location)
      const bucket = await openBucket(location, systemScheduler)
      onTestFinished(() => bucket.close())
      await expect(bucket.check()).rejects.toMatchObject({ reason: 'BUCKET_REFUSED' })
    }
  })
})

test('ends the uploads in parts that a killed process of this server has left', async () => {
  const { s3, store, putFile, storeOf } = await setup()
  s3.fail({ on: 'PUT?parts', times: 100, does: refused })
  s3.fail({ on: 'DELETE?parts', times: 100, does: refused })
  await putFile(6 * mebibyte).catch(() => undefined)
  expect(s3.openUploads()).toBe(1)
  s3.recover()
  expect(await storeOf('two').removeLitter()).toBe(0)
  expect(await store.removeLitter()).toBe(1)
  expect(s3.openUploads()).toBe(0)
})

async function setup(scheduler = systemScheduler) {
  const s3: FakeS3 = await startFakeS3()
  const location = parseS3Url(s3.url)
  if (typeof location === 'string') throw new Error(location)
  const bucket = await openBucket(location, scheduler, partBytes)
  onTestFinished(async () => {
    bucket.close()
    await s3.close()
  })
  const folder = await tempFolder()
  const file = path.join(folder, 'incoming')
  const store = new S3BlobStore(bucket, 'one', scheduler)
  const put = async (bytes: Uint8Array) => {
    await writeFile(file, bytes)
    const digest = digestBytes(bytes)
    await store.put(file, digest)
    return digest
  }
  const putFile = async (sizeBytes: number) => {
    const bytes = randomBytes(sizeBytes)
    return { bytes, digest: await put(bytes) }
  }
  const storeOf = (id: string) => new S3BlobStore(bucket, id, scheduler)
  return { s3, store, put, putFile, storeOf }
}
