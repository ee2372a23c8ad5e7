import { readFile, readdir, readlink, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { blobStoreContract } from './blob-store.contract.ts'
import { digestBytes, digestFile } from './digest.ts'
import { DiskBlobStore } from './disk-blob-store.ts'

describe('DiskBlobStore', () => {
  blobStoreContract((folder) => DiskBlobStore.open(folder))

  test('keeps blobs in two levels of folders that only their owner may enter', async () => {
    const { folder, digest, place } = await setup()
    const level = path.join(folder, 'store', digest.slice(0, 2))
    expect(await readFile(place, 'utf8')).toBe('some bytes')
    expect((await stat(level)).mode & 0o777).toBe(0o700)
  })

  test('finds its blobs again when opened anew', async () => {
    const { folder, digest } = await setup()
    const again = await DiskBlobStore.open(path.join(folder, 'store'))
    expect(await again.stat(digest)).toEqual({ digest, sizeBytes: 10 })
  })

  test('replaces a blob whose size shows that it was damaged', async () => {
    const { folder, store, digest, place } = await setup()
    await truncate(place, 3)
    const file = path.join(folder, 'again')
    await writeFile(file, 'some bytes')
    await store.put(file, digest)
    expect(await readFile(place, 'utf8')).toBe('some bytes')
  })

  test('keeps no file open when it lets go', async () => {
    const { store, digest, place } = await setup()
    await (await store.open(digest))?.close()
    expect(await openFiles()).toContain(place)
    store.letGo()
    await eventually(async () => expect(await openFiles()).not.toContain(place))
  })

  test('passes over files that are no blobs when listing', async () => {
    const { store, place } = await setup()
    await writeFile(`${place}.new`, 'left by a kill')
    expect(await Array.fromAsync(store.list())).toHaveLength(1)
  })
})

describe('digestFile', () => {
  test('takes in the whole file, or as many of its first bytes as asked', async () => {
    const { folder } = await setup()
    const file = path.join(folder, 'incoming')
    expect((await digestFile(file)).hex()).toBe(digestBytes(Buffer.from('some bytes')))
    expect((await digestFile(file, 4)).hex()).toBe(digestBytes(Buffer.from('some')))
    expect((await digestFile(file, 0)).sizeBytes).toBe(0)
    const begun = await digestFile(file, 4)
    expect((await digestFile(file, 8, begun)).hex()).toBe(digestBytes(Buffer.from('some byt')))
  })

  test('is BLAKE3', () => {
    const empty = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'
    expect(digestBytes(Buffer.alloc(0))).toBe(empty)
  })
})

async function openFiles(): Promise<string[]> {
  const fds = await readdir('/proc/self/fd')
  return Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
}

async function setup() {
  const folder = await tempFolder()
  const store = await DiskBlobStore.open(path.join(folder, 'store'))
  const file = path.join(folder, 'incoming')
  await writeFile(file, 'some bytes')
  const digest = digestBytes(Buffer.from('some bytes'))
  await store.put(file, digest)
  const place = path.join(folder, 'store', digest.slice(0, 2), digest.slice(2, 4), digest)
  return { folder, store, digest, place }
}
