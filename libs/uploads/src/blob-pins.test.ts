import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MemoryBlobStore, digestBytes } from '@parley/blob-store'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { BlobPins } from './blob-pins.ts'

test('deletes no blob that a file under way has put', async () => {
  const { blobs, pins, file, digest } = await setup()
  await pins.withIntake(async (intake) => {
    await intake.put(file, digest)
    expect(await pins.deleteUnless(digest, () => false)).toBe(false)
  })
  expect(await blobs.stat(digest)).toBeDefined()
  expect(await pins.deleteUnless(digest, () => false)).toBe(true)
})

test('deletes no blob that is needed', async () => {
  const { blobs, pins, file, digest } = await setup()
  await blobs.put(file, digest)
  expect(await pins.deleteUnless(digest, () => true)).toBe(false)
})

test('puts a blob again after a deletion that had begun', async () => {
  const { blobs, pins, file, digest } = await setup()
  await blobs.put(file, digest)
  const deleting = pins.deleteUnless(digest, () => false)
  await pins.withIntake((intake) => intake.put(file, digest))
  expect(await deleting).toBe(true)
  expect(await blobs.stat(digest)).toBeDefined()
})

test('a deletion that failed holds up nobody, and is tried again', async () => {
  const { blobs, pins, file, digest } = await setup()
  await blobs.put(file, digest)
  blobs.failures = 1
  const deleting = pins.deleteUnless(digest, () => false)
  const seen = pins.whilePinned(digest, () => blobs.stat(digest))
  await expect(deleting).rejects.toThrow('the disk said no')
  expect(await seen).toBeDefined()
  expect(await pins.deleteUnless(digest, () => false)).toBe(true)
})

test('unpins when the work fails', async () => {
  const { pins, file, digest } = await setup()
  const failing = pins.withIntake(async (intake) => {
    await intake.put(file, digest)
    throw new Error('refused')
  })
  await expect(failing).rejects.toThrow('refused')
  expect(await pins.deleteUnless(digest, () => false)).toBe(true)
})

test('deletes no blob that somebody reads for a file to come, and then does', async () => {
  const { blobs, pins, file, digest } = await setup()
  await blobs.put(file, digest)
  await pins.whilePinned(digest, async () => {
    expect(await pins.deleteUnless(digest, () => false)).toBe(false)
  })
  const deleting = pins.deleteUnless(digest, () => false)
  const seen = pins.whilePinned(digest, () => blobs.stat(digest))
  expect(await deleting).toBe(true)
  expect(await seen).toBeUndefined()
})

// A store whose deletions take a turn of the event loop, as a disk's do.
class SlowStore extends MemoryBlobStore {
  failures = 0

  override async delete(digest: string): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve))
    this.failures -= 1
    if (this.failures >= 0) throw new Error('the disk said no')
    return super.delete(digest)
  }
}

async function setup() {
  const blobs = new SlowStore()
  const file = path.join(await tempFolder(), 'bytes')
  await writeFile(file, 'bytes')
  return { blobs, pins: new BlobPins(blobs), file, digest: digestBytes(Buffer.from('bytes')) }
}
