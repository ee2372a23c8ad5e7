import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

/** Writes past the system's cache begin and end at multiples of this, in the file and in memory. */
export const blockBytes = 4096

/**
 * A part open for writing. Where the filesystem lets it, whole blocks go past the system's cache:
 * copying them there and from there to the disk is what most of an upload would cost.
 */
export class PartFile {
  readonly #file: FileHandle
  readonly #direct: FileHandle | undefined
  #takesDirect: boolean

  private constructor(file: FileHandle, direct: FileHandle | undefined) {
    this.#file = file
    this.#direct = direct
    this.#takesDirect = direct !== undefined
  }

  /** Opens an existing file; `large` when it is worth a second descriptor. */
  static async open(path: string, large: boolean): Promise<PartFile> {
    const file = await open(path, 'r+')
    const direct = large ? await openDirect(path) : undefined
    return new PartFile(file, direct)
  }

  /** How many bytes it has. */
  async sizeBytes(): Promise<number> {
    return (await this.#file.stat()).size
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.#file.truncate(sizeBytes)
  }

  /** Writes all bytes at `position`; they may be changed when this settles. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    const doneBytes = await this.#writeBlocks(bytes, position)
    await writeAll(this.#file, bytes.subarray(doneBytes), position + doneBytes)
  }

  /** Brings everything written to disk. */
  async datasync(): Promise<void> {
    await this.#file.datasync()
  }

  async close(): Promise<void> {
    await this.#file.close()
    await this.#direct?.close()
  }

  // How many bytes went past the cache.
  async #writeBlocks(bytes: Uint8Array, position: number): Promise<number> {
    if (!this.#direct || !this.#takesDirect || position % blockBytes !== 0) return 0
    const blocks = bytes.subarray(0, bytes.byteLength - (bytes.byteLength % blockBytes))
    try {
      await writeAll(this.#direct, blocks, position)
      return blocks.byteLength
    } catch (error) {
      // Larger blocks, or none of this after all: the cache takes everything.
      if (!isCode(error, 'EINVAL')) throw error
      this.#takesDirect = false
      return 0
    }
  }
}

async function openDirect(path: string): Promise<FileHandle | undefined> {
  // Undefined where the system has no such thing.
  const flag = constants.O_DIRECT as number | undefined
  if (flag === undefined) return undefined
  try {
    return await open(path, constants.O_WRONLY | flag)
  } catch (error) {
    if (isCode(error, 'EINVAL')) return undefined
    throw error
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let at = 0
  while (at < bytes.byteLength) {
    // A nearly full disk writes a part and only then fails.
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at, position + at)
    if (bytesWritten === 0) throw new Error('the disk takes no more bytes')
    at += bytesWritten
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
