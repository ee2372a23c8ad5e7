import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { PartFile } from './part-file.ts'
import { PartWriter } from './part-writer.ts'

test('writes chunks of any size in order, and says how far they are on disk', async () => {
  const file = path.join(await tempFolder(), 'part')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(600_000), { maxLength: 24 }),
      fc.nat(3_000),
      fc.oneof(fc.constant(0), fc.nat(10_000)),
      async (sizes, tiny, start) => {
        const all = [...sizes, ...Array.from({ length: tiny }, () => 1)]
        const source = bytesOf(all.reduce((sum, size) => sum + size, start))
        const { written, durable } = await writeAll(file, start, source, all)
        expect(Buffer.compare(written, source)).toBe(0)
        expect(durable.at(-1) ?? start).toBe(source.length)
        expect(durable).toEqual(durable.toSorted((a, b) => a - b))
      },
    ),
    { numRuns: 25 },
  )
})

test.each([
  [0, 'from the start'],
  [4096 * 3, 'from a block on'],
  [12_345, 'from an odd place'],
])('brings bytes to disk while more come, never more than 8 MiB behind: %d, %s', async (start) => {
  const handle = await openPart(start)
  let durableBytes = start
  const writer = new PartWriter(handle, start, (offsetBytes) => (durableBytes = offsetBytes))
  const chunk = bytesOf(64 * 1024)
  for (let i = 0; i < 1_024; i += 1) {
    await writer.write(chunk)
    expect(writer.offsetBytes - durableBytes).toBeLessThanOrEqual(8 << 20)
  }
  expect(durableBytes).toBeGreaterThan(start)
  expect(await writer.flush()).toBe(start + (64 << 20))
  expect(durableBytes).toBe(start + (64 << 20))
})

test('takes a body of 4 MiB to disk with one sync', async () => {
  const handle = await openPart(0)
  let syncs = 0
  const counted = {
    write: (bytes: Uint8Array, position: number) => handle.write(bytes, position),
    datasync: () => {
      syncs += 1
      return handle.datasync()
    },
  }
  const writer = new PartWriter(counted, 0, () => undefined)
  for (let i = 0; i < 64; i += 1) await writer.write(bytesOf(64 * 1024))
  expect(await writer.flush()).toBe(4 << 20)
  expect(syncs).toBe(1)
})

test('says nothing is durable once a write has failed', async () => {
  const handle = await PartFile.open('/dev/full', false)
  onTestFinished(() => handle.close())
  let told = false
  const writer = new PartWriter(handle, 0, () => (told = true))
  await writer.write(bytesOf(1_000))
  await expect(writer.flush()).rejects.toMatchObject({ code: 'ENOSPC' })
  await writer.settle()
  expect(told).toBe(false)
})

test('fails when what it reports cannot be recorded', async () => {
  const handle = await openPart(0)
  const writer = new PartWriter(handle, 0, () => {
    throw new Error('no index')
  })
  await writer.write(bytesOf(10))
  await expect(writer.flush()).rejects.toThrow('no index')
})

test('lets the bytes it was given be changed at once', async () => {
  const { place, handle } = await openPlaced(0)
  const writer = new PartWriter(handle, 0, () => undefined)
  const chunk = Buffer.alloc(700_000)
  for (let i = 0; i < 8; i += 1) await writer.write(chunk.fill(i))
  await writer.flush()
  const written = await readFile(place)
  const wrong = written.findIndex((byte, at) => byte !== Math.floor(at / 700_000))
  expect([written.length, wrong]).toEqual([5_600_000, -1])
})

async function openPart(startBytes: number): Promise<PartFile> {
  return (await openPlaced(startBytes)).handle
}

async function openPlaced(startBytes: number) {
  const place = path.join(await tempFolder(), 'part')
  await writeFile(place, Buffer.alloc(startBytes))
  const handle = await PartFile.open(place, true)
  onTestFinished(() => handle.close())
  return { place, handle }
}

async function writeAll(place: string, start: number, source: Buffer, sizes: number[]) {
  await writeFile(place, source.subarray(0, start))
  const handle = await PartFile.open(place, true)
  const durable: number[] = []
  const writer = new PartWriter(handle, start, (offsetBytes) => durable.push(offsetBytes))
  let at = start
  for (const size of sizes) {
    await writer.write(source.subarray(at, at + size))
    at += size
  }
  await writer.flush()
  await writer.settle()
  await handle.close()
  return { written: await readFile(place), durable }
}

function bytesOf(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count)
  for (let i = 0; i < count; i += 1) bytes[i] = (i * 31 + (i >> 8)) & 0xff
  return bytes
}
