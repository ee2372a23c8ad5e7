import { createReadStream, read } from 'node:fs'
import { link, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { syncFolder } from '@parley/service-kit'
import type { BlobStat, BlobStore, OpenBlob } from './blob-store.ts'
import { assertDigest } from './digest.ts'
import { DiskDescriptors } from './disk-descriptors.ts'
import type { HeldFile } from './disk-descriptors.ts'
import { makeFolder } from './make-folder.ts'

const readChunkBytes = 256 * 1024
const readFile = promisify(read)

/**
 * Blobs as files `<folder>/ab/cd/<digest>`, hard links of the files they were put from: `put` needs
 * both on one filesystem.
 */
export class DiskBlobStore implements BlobStore {
  readonly #folder: string
  readonly #descriptors = new DiskDescriptors()

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
      if ((await stat(target)).size !== sizeBytes) {
        await replace(file, target)
        this.#descriptors.forget(digest)
      }
    }
    // Also when it was there: who put it may have died before this line.
    await syncFolder(folder)
  }

  async open(digest: string): Promise<OpenBlob | undefined> {
    const held = await this.#descriptors.take(digest, this.#pathOf(digest))
    return held && new DiskBlob(held)
  }

  async stat(digest: string): Promise<BlobStat | undefined> {
    const found = await unlessMissing(stat(this.#pathOf(digest)))
    return found && { digest, sizeBytes: found.size }
  }

  async delete(digest: string): Promise<boolean> {
    const target = this.#pathOf(digest)
    const removed = await unlessMissing(unlink(target).then(() => true))
    this.#descriptors.forget(digest)
    if (removed) await syncFolder(path.dirname(target))
    return removed ?? false
  }

  letGo(): void {
    this.#descriptors.closeIdle()
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
  readonly #held: HeldFile
  #isClosed = false

  constructor(held: HeldFile) {
    this.#held = held
    this.sizeBytes = held.sizeBytes
  }

  stream(start: number, end: number): Readable {
    // The stream's own `end` is inclusive, so it cannot be asked for nothing.
    if (end <= start) return Readable.from([])
    const { fd } = this.#held
    const options = { fd, autoClose: false, highWaterMark: readChunkBytes }
    return createReadStream('', { ...options, start, end: end - 1 })
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await readFile(this.#held.fd, into, 0, into.byteLength, position)
    return bytesRead
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#held.release()
  }
}

async function syncFile(file: string): Promise<number> {
  const handle = await open(file, 'r')
  try {
    // Its bytes and size; the rest of what is known of it comes to disk with the folder.
    await handle.datasync()
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
