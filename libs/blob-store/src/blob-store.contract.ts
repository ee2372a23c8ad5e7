import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BlobStore } from './blob-store.ts'
import { digestBytes } from './digest.ts'

/** What every blob store promises; `make` opens a fresh one that may use the given folder. */
export function blobStoreContract(make: (folder: string) => Promise<BlobStore>): void {
  let folder: string
  let store: BlobStore
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'blobs-'))
    store = await make(path.join(folder, 'store'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function put(bytes: Uint8Array): Promise<string> {
    const file = path.join(folder, 'incoming')
    await writeFile(file, bytes)
    const digest = digestBytes(bytes)
    await store.put(file, digest)
    await rm(file)
    return digest
  }

  async function read(digest: string, start: number, end: number): Promise<Buffer> {
    const blob = await store.open(digest)
    if (!blob) throw new Error('no such blob')
    const bytes = await buffer(blob.stream(start, end))
    await blob.close()
    return bytes
  }

  describe('putting and reading', () => {
    test('gives back the bytes that were put, after their source is gone', async () => {
      const bytes = Buffer.from('hello, 世界')
      const digest = await put(bytes)
      expect(await read(digest, 0, bytes.length)).toEqual(bytes)
      expect(await store.stat(digest)).toEqual({ digest, sizeBytes: bytes.length })
    })

    test('keeps one blob when the same bytes are put twice', async () => {
      const digest = await put(Buffer.from('twice'))
      expect(await put(Buffer.from('twice'))).toBe(digest)
      expect(await Array.fromAsync(store.list())).toHaveLength(1)
    })

    test('holds a blob of no bytes', async () => {
      const digest = await put(Buffer.alloc(0))
      expect(await read(digest, 0, 0)).toHaveLength(0)
      expect(await store.stat(digest)).toEqual({ digest, sizeBytes: 0 })
    })

    test('streams any range, the end excluded, the empty one included', async () => {
      const digest = await put(Buffer.from('0123456789'))
      expect((await read(digest, 3, 7)).toString()).toBe('3456')
      expect((await read(digest, 9, 10)).toString()).toBe('9')
      expect(await read(digest, 4, 4)).toHaveLength(0)
      expect(await read(digest, 0, 0)).toHaveLength(0)
    })

    test('serves two ranges of one open blob, one after the other', async () => {
      const digest = await put(Buffer.from('0123456789'))
      const blob = await store.open(digest)
      expect((await buffer(blob!.stream(0, 2))).toString()).toBe('01')
      expect((await buffer(blob!.stream(5, 7))).toString()).toBe('56')
      await blob!.close()
    })

    test('answers undefined for a digest it does not hold', async () => {
      const absent = digestBytes(Buffer.from('absent'))
      expect(await store.open(absent)).toBeUndefined()
      expect(await store.stat(absent)).toBeUndefined()
    })
  })

  describe('deleting and listing', () => {
    test('deletes once and says so', async () => {
      const digest = await put(Buffer.from('gone'))
      expect(await store.delete(digest)).toBe(true)
      expect(await store.delete(digest)).toBe(false)
      expect(await store.open(digest)).toBeUndefined()
    })

    test('lets an open blob be read to its end after it is deleted', async () => {
      const digest = await put(Buffer.from('still here'))
      const blob = await store.open(digest)
      await store.delete(digest)
      expect((await buffer(blob!.stream(0, blob!.sizeBytes))).toString()).toBe('still here')
      await blob!.close()
    })

    test('lists every blob in order of digest', async () => {
      const digests: string[] = []
      for (let i = 0; i < 20; i += 1) digests.push(await put(Buffer.from(`blob ${i}`)))
      const listed = (await Array.fromAsync(store.list())).map((one) => one.digest)
      expect(listed).toEqual(digests.toSorted())
    })
  })

  test.each([
    ['../../../etc/passwd', 'a path'],
    ['', 'nothing'],
    ['A'.repeat(64), 'upper case'],
    [`${'a'.repeat(64)}\n`, 'a line end'],
  ])('refuses %j as a digest: %s', async (digest) => {
    const refusal = { reason: 'DIGEST_MALFORMED' }
    await expect(store.open(digest)).rejects.toMatchObject(refusal)
    await expect(store.stat(digest)).rejects.toMatchObject(refusal)
    await expect(store.delete(digest)).rejects.toMatchObject(refusal)
    await expect(store.put(path.join(folder, 'x'), digest)).rejects.toMatchObject(refusal)
  })
}
