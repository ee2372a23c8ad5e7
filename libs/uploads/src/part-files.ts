import { open, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { syncFolder } from '@parley/service-kit'
import { PartFile } from './part-file.ts'

// Less is as cheap through the system's cache, and stays there for whoever fetches it.
const largeBytes = 1 << 20

/** The bytes of unfinished uploads: one file each, named by the upload's id. */
export class PartFiles {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(folder: string): Promise<PartFiles> {
    await makeFolder(folder)
    return new PartFiles(folder)
  }

  pathOf(id: string): string {
    return path.join(this.#folder, id)
  }

  /** Makes an empty part, on disk when this resolves. */
  async create(id: string): Promise<void> {
    const file = await open(this.pathOf(id), 'wx', 0o600)
    await file.close()
    await syncFolder(this.#folder)
  }

  /**
   * Opens a part for writing from `offsetBytes` on, at most up to `sizeBytes`; what lies behind it
   * was never acknowledged and goes. Throws `AppError` (corrupt, PART_LOST) when acknowledged bytes
   * are missing.
   */
  async openAt(id: string, offsetBytes: number, sizeBytes: number): Promise<PartFile> {
    const isLarge = sizeBytes - offsetBytes >= largeBytes
    const file = await PartFile.open(this.pathOf(id), isLarge).catch(lostIfMissing)
    try {
      const foundBytes = await file.sizeBytes()
      if (foundBytes < offsetBytes) throw partLost()
      if (foundBytes > offsetBytes) await file.truncate(offsetBytes)
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Checks that a complete part has exactly its bytes. */
  async assertSize(id: string, sizeBytes: number): Promise<void> {
    const found = await stat(this.pathOf(id)).catch(() => undefined)
    if (found?.size !== sizeBytes) throw partLost()
  }

  remove(id: string): Promise<void> {
    return rm(this.pathOf(id), { force: true })
  }

  /** The ids of all parts there are. */
  list(): Promise<string[]> {
    return readdir(this.#folder)
  }
}

function lostIfMissing(error: Error): never {
  throw 'code' in error && error.code === 'ENOENT' ? partLost() : error
}

function partLost(): AppError {
  return new AppError('corrupt', 'PART_LOST', 'bytes of this upload were lost; start it again')
}
