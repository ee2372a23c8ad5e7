import { readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { alignedBufferBytes, giveAlignedBuffer, takeAlignedBuffer } from './aligned-buffers.ts'
import { PartFile } from './part-file.ts'

test.each([
  [true, 'past the cache where it can'],
  [false, 'through the cache'],
])('writes whole blocks and odd ends to one file: large %s, %s', async (large) => {
  const { place, file } = await setup(large)
  const buffer = takeAlignedBuffer().fill(1)
  await file.write(buffer.subarray(0, 100), 0)
  await file.write(buffer.fill(2).subarray(0, 3_996), 100)
  await file.write(buffer.fill(3), 4_096)
  await file.write(buffer.fill(4).subarray(0, 5_000), 4_096 + alignedBufferBytes)
  await file.datasync()
  giveAlignedBuffer(buffer)
  const expected = [Buffer.alloc(100, 1), Buffer.alloc(3_996, 2)]
  expected.push(Buffer.alloc(alignedBufferBytes, 3), Buffer.alloc(5_000, 4))
  expect((await readFile(place)).equals(Buffer.concat(expected))).toBe(true)
  expect(await file.sizeBytes()).toBe(4_096 + alignedBufferBytes + 5_000)
})

test('takes memory that cannot go past the cache through it', async () => {
  const { place, file } = await setup(true)
  const odd = Buffer.from(new Uint8Array(takeAlignedBuffer().buffer, 1, 8_192))
  await file.write(odd.fill(7), 0)
  await file.write(takeAlignedBuffer().fill(8).subarray(0, 4_096), 8_192)
  const expected = Buffer.concat([Buffer.alloc(8_192, 7), Buffer.alloc(4_096, 8)])
  expect((await readFile(place)).equals(expected)).toBe(true)
})

test('writes on where a file was cut off in the middle of a block', async () => {
  const { place, file } = await setup(true)
  await file.write(takeAlignedBuffer().fill(1), 0)
  await truncate(place, 5_000)
  await file.write(takeAlignedBuffer().fill(2).subarray(0, 3_192), 5_000)
  await file.write(takeAlignedBuffer().fill(3).subarray(0, 4_096), 8_192)
  const expected = [Buffer.alloc(5_000, 1), Buffer.alloc(3_192, 2), Buffer.alloc(4_096, 3)]
  expect((await readFile(place)).equals(Buffer.concat(expected))).toBe(true)
})

async function setup(large: boolean) {
  const place = path.join(await tempFolder(), 'part')
  await writeFile(place, '')
  const file = await PartFile.open(place, large)
  onTestFinished(() => file.close())
  return { place, file }
}
