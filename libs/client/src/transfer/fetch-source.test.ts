import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemScheduler } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { MemoryState } from '../state/memory-state.ts'
import { ScriptedBlobs, digestOf } from '../testing/scripted-blobs.ts'
import { partOf } from '../testing/transfer-world.ts'
import { fetchSource } from './fetch-source.ts'
import type { Source } from './source.ts'

const size = 300_000
const pieceBytes = 10_000
const bytes = randomBytes(size)
const digest = digestOf(bytes)

/** What another device gives of the bytes: those from `offset` to `end`, in pieces; then it breaks off. */
async function* given(from: Buffer, offset: number, end: number): AsyncGenerator<Buffer> {
  for (let at = offset; at < end; at += pieceBytes) {
    yield from.subarray(at, Math.min(end, at + pieceBytes))
  }
  if (end < size) throw new Error('the path is over')
}

async function setup(elsewhere?: (offset: number) => AsyncIterable<Uint8Array> | undefined) {
  const blobs = await new ScriptedBlobs().start()
  onTestFinished(() => blobs.stop())
  blobs.files.set('/files/f1', bytes)
  const path = join(await tempFolder(), 'copy')
  const context = { state: new MemoryState(), scheduler: systemScheduler, allowPlaintext: false }
  const source = {
    ticket: async () => ({ ticket: 't', url: `${blobs.url}/files/f1` }),
    digest,
    ...(elsewhere && { elsewhere: { sizeBytes: size, from: elsewhere } }),
  }
  const fetching = (options = {}, others: Partial<Source> = {}) =>
    fetchSource(context, { ...source, ...others }, path, options)
  const ranges = () => blobs.requests.map(({ range }) => range)
  const isWhole = async () => (await readFile(path)).equals(bytes)
  return { path, context, source, fetching, ranges, isWhole }
}

test('what another device gives whole costs the server nothing', async () => {
  const { path, fetching, ranges, isWhole, context } = await setup((at) => given(bytes, at, size))
  const done = await fetching()
  expect(done).toEqual({ path, bytes: size, digest, resumedFrom: 0, directBytes: size })
  expect(await isWhole()).toBe(true)
  expect(ranges()).toEqual([])
  expect(context.state.transfer(partOf(path))).toBeUndefined()
})

test('where another device breaks off the server goes on, at that very byte', async () => {
  const { fetching, ranges, isWhole } = await setup((at) => given(bytes, at, 123_456))
  expect(await fetching()).toMatchObject({ bytes: size, resumedFrom: 0, directBytes: 123_456 })
  expect(ranges()).toEqual(['bytes=123456-'])
  expect(await isWhole()).toBe(true)
})

test.each([
  ['nobody is there', () => undefined],
  ['the device there gives nothing', (at: number) => given(bytes, at, at)],
])('the server gives it all where %s', async (_why, elsewhere) => {
  const { fetching, ranges, isWhole } = await setup(elsewhere)
  expect(await fetching()).toMatchObject({ bytes: size, directBytes: 0 })
  expect(ranges()).toEqual([''])
  expect(await isWhole()).toBe(true)
})

test.each([
  ['to the end', size, ['']],
  ['to the middle', 150_000, ['bytes=150000-', '']],
])('a device that gives other bytes %s has the server give them all', async (_to, end, asked) => {
  const wrong = Buffer.from(bytes)
  wrong[5] = ~bytes[5]!
  const { fetching, ranges, isWhole } = await setup((at) => given(wrong, at, end))
  expect(await fetching()).toMatchObject({ bytes: size, digest, directBytes: 0 })
  expect(ranges()).toEqual(asked)
  expect(await isWhole()).toBe(true)
})

test('a device that gives more than there is is not heard to the end', async () => {
  async function* endless() {
    for (;;) yield randomBytes(pieceBytes)
  }
  const { fetching, isWhole } = await setup(endless)
  expect(await fetching()).toMatchObject({ bytes: size, directBytes: 0 })
  expect(await isWhole()).toBe(true)
})

/** Begins a download and cancels it on its way; answers how many bytes are left of it. */
async function cancelled(
  fetching: Awaited<ReturnType<typeof setup>>['fetching'],
  path: string,
): Promise<number> {
  const stop = new AbortController()
  const progress = ({ doneBytes }: { doneBytes: number }) => {
    if (doneBytes >= 100_000) stop.abort()
  }
  const cut = fetching({ signal: stop.signal, progress })
  await expect(cut).rejects.toMatchObject({ reason: 'CANCELLED' })
  return (await stat(partOf(path))).size
}

test('a later download goes on directly with what an earlier one has left', async () => {
  const offsets: number[] = []
  const { path, fetching, ranges, isWhole } = await setup((at) => {
    offsets.push(at)
    return given(bytes, at, size)
  })
  const left = await cancelled(fetching, path)
  const done = await fetching()
  expect(done).toMatchObject({ resumedFrom: left, directBytes: size - left })
  expect(offsets).toEqual([0, left])
  expect([ranges(), await isWhole()]).toEqual([[], true])
})

test('wrong bytes that an earlier download has left have the server give them all', async () => {
  const wrong = Buffer.from(bytes)
  wrong[5] = ~bytes[5]!
  const { path, fetching, ranges, isWhole } = await setup((at) => given(wrong, at, size))
  const left = await cancelled(fetching, path)
  const done = await fetching({}, { elsewhere: undefined })
  expect(done).toMatchObject({ bytes: size, digest, resumedFrom: 0, directBytes: 0 })
  expect([ranges(), await isWhole()]).toEqual([[`bytes=${left}-`, ''], true])
})
