import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { PartWriter } from './part-writer.ts'

test('writes chunks of any size in order, and says how far they are on disk', async () => {
  const file = path.join(await tempFolder(), 'part')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(600_000), { maxLength: 24 }),
      fc.nat(3_000),
      async (sizes, tiny) => {
        const all = [...sizes, ...Array.from({ length: tiny }, () => 1)]
        const source = bytesOf(all.reduce((sum, size) => sum + size, 0))
        const { written, durable } = await writeAll(file, source, all)
        expect(Buffer.compare(written, source)).toBe(0)
        expect(durable.at(-1) ?? 0).toBe(source.length)
        expect(durable).toEqual(durable.toSorted((a, b) => a - b))
      },
    ),
    { numRuns: 25 },
  )
})

test('brings bytes to disk while more come, never more than 5 MiB behind', async () => {
  const file = path.join(await tempFolder(), 'part')
  const handle = await open(file, 'w')
  onTestFinished(() => handle.close())
  let durableBytes = 0
  const writer = new PartWriter(handle, 0, (offsetBytes) => (durableBytes = offsetBytes))
  const chunk = bytesOf(64 * 1024)
  for (let i = 0; i < 1_024; i += 1) {
    await writer.write(chunk)
    expect(writer.offsetBytes - durableBytes).toBeLessThanOrEqual(5 << 20)
  }
  expect(durableBytes).toBeGreaterThan(0)
  expect(await writer.flush()).toBe(64 << 20)
  expect(durableBytes).toBe(64 << 20)
})

test('says nothing is durable once a write has failed', async () => {
  const handle = await open('/dev/full', 'w')
  onTestFinished(() => handle.close())
  let told = false
  const writer = new PartWriter(handle, 0, () => (told = true))
  await writer.write(bytesOf(1_000))
  await expect(writer.flush()).rejects.toMatchObject({ code: 'ENOSPC' })
  await writer.settle()
  expect(told).toBe(false)
})

test('fails when what it reports cannot be recorded', async () => {
  const handle = await open(path.join(await tempFolder(), 'part'), 'w')
  onTestFinished(() => handle.close())
  const writer = new PartWriter(handle, 0, () => {
    throw new Error('no index')
  })
  await writer.write(bytesOf(10))
  await expect(writer.flush()).rejects.toThrow('no index')
})

async function writeAll(path: string, source: Buffer, sizes: number[]) {
  const handle = await open(path, 'w')
  const durable: number[] = []
  const writer = new PartWriter(handle, 0, (offsetBytes) => durable.push(offsetBytes))
  let at = 0
  for (const size of sizes) {
    await writer.write(source.subarray(at, at + size))
    at += size
  }
  await writer.flush()
  await handle.close()
  return { written: await readFile(path), durable }
}

function bytesOf(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count)
  for (let i = 0; i < count; i += 1) bytes[i] = (i * 31 + (i >> 8)) & 0xff
  return bytes
}
