import { link, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { syncFolder } from '@parley/service-kit'
import type { BlobStat, BlobStore, OpenBlob } from './blob-store.ts'
import { assertDigest } from './digest.ts'
import { makeFolder } from './make-folder.ts'

const readChunkBytes = 256 * 1024

/**
 * Blobs as files `<folder>/ab/cd/<digest>`, hard links of the files they were put from: `put` needs
 * both on one filesystem.
 */
export class DiskBlobStore implements BlobStore {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Opens the store in a folder, which is made (0700) when missing. */
  static async open(folder: string): Promise<DiskBlobStore> {
    await makeFolder(folder)
    return new DiskBlobStore(folder)
  }

  async put(file: string, digest: string): Promise<void> {
    const target = this.#pathOf(digest)
    const folder = path.dirname(target)
    await makeFolder(folder)
    const sizeBytes = await syncFile(file)
    try {
      await link(file, target)
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
      // Whole unless it was damaged; a blob of another size cannot be this digest's.
      if ((await stat(target)).size !== sizeBytes) await replace(file, target)
    }
    // Also when it was there: who put it may have died before this line.
    await syncFolder(folder)
  }

  async open(digest: string): Promise<OpenBlob | undefined> {
    const handle = await unlessMissing(open(this.#pathOf(digest), 'r'))
    if (!handle) return undefined
    try {
      return new DiskBlob(handle, (await handle.stat()).size)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async stat(digest: string): Promise<BlobStat | undefined> {
    const found = await unlessMissing(stat(this.#pathOf(digest)))
    return found && { digest, sizeBytes: found.size }
  }

  async delete(digest: string): Promise<boolean> {
    const target = this.#pathOf(digest)
    const removed = await unlessMissing(unlink(target).then(() => true))
    if (removed) await syncFolder(path.dirname(target))
    return removed ?? false
  }

  async *list(): AsyncIterable<BlobStat> {
    for (const outer of await namesIn(this.#folder)) {
      for (const inner of await namesIn(path.join(this.#folder, outer))) {
        for (const digest of await namesIn(path.join(this.#folder, outer, inner))) {
          // What a killed `replace` left has another name than a digest.
          if (digest.length !== 64) continue
          const found = await this.stat(digest)
          if (found) yield found
        }
      }
    }
  }

  #pathOf(digest: string): string {
    assertDigest(digest)
    return path.join(this.#folder, digest.slice(0, 2), digest.slice(2, 4), digest)
  }
}

class DiskBlob implements OpenBlob {
  readonly sizeBytes: number
  readonly #handle: FileHandle

  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle
    this.sizeBytes = sizeBytes
  }

  stream(start: number, end: number): Readable {
    // The stream's own `end` is inclusive, so it cannot be asked for nothing.
    if (end <= start) return Readable.from([])
    const options = { autoClose: false, highWaterMark: readChunkBytes }
    return this.#handle.createReadStream({ ...options, start, end: end - 1 })
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

async function syncFile(file: string): Promise<number> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function replace(file: string, target: string): Promise<void> {
  const fresh = `${target}.new`
  await unlessMissing(unlink(fresh))
  await link(file, fresh)
  await rename(fresh, target)
}

async function namesIn(folder: string): Promise<string[]> {
  return ((await unlessMissing(readdir(folder))) ?? []).toSorted()
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
