import { copyFile, link, lstat, open, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { constants } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '@parley/errors'
import { syncFolder } from '@parley/service-kit'
import { writeAll } from './write-all.ts'

const ownerOnly = 0o600

/**
 * A download that is not whole yet, beside the place it will have: `.name.part`, which no sender can
 * have a file called, for theirs are stored without leading dots.
 */
export class PartFile {
  readonly path: string
  readonly partPath: string

  constructor(path: string) {
    this.path = path
    this.partPath = join(dirname(path), `.${basename(path)}.part`)
  }

  /** How many bytes an earlier attempt has left. */
  async size(): Promise<number> {
    return (await sizeOf(this.partPath)) ?? 0
  }

  /**
   * Throws `AppError` (conflict, FILE_EXISTS) when the place is taken, or that of the part by what
   * no earlier attempt has begun.
   */
  async assertFree(isBegun: boolean): Promise<void> {
    if ((await sizeOf(this.path)) !== undefined) throw taken(this.path)
    if (!isBegun && (await isThere(this.partPath))) throw taken(this.partPath)
  }

  /** Writes what comes from `offset` on; what lay behind it is gone. */
  async write(
    body: AsyncIterable<Uint8Array>,
    offset: number,
    isBegun: boolean,
    moved: (count: number) => void,
  ): Promise<void> {
    const file = await this.#open(offset, isBegun)
    try {
      let at = offset
      // One write for each piece: what has come is kept whatever happens to the rest.
      for await (const bytes of body) {
        await writeAll(file, bytes, at).catch(cannotWrite(this.partPath))
        at += bytes.length
        moved(bytes.length)
      }
    } finally {
      await file.close()
    }
  }

  async discard(): Promise<void> {
    await unlink(this.partPath).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
    })
  }

  /** Gives the whole file its name, never over another one; it is on disk when this resolves. */
  async finish(): Promise<void> {
    await syncFile(this.partPath)
    try {
      // Unlike a rename, a link fails when there is something at the place.
      await link(this.partPath, this.path)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw taken(this.path)
      await this.#copy(error)
    }
    // Before the part goes: a power cut leaves one of the two.
    await syncFolder(dirname(this.path)).catch(unlessUnable)
    await unlink(this.partPath)
  }

  async #open(offset: number, isBegun: boolean): Promise<FileHandle> {
    const anew = isBegun ? 'w' : 'wx'
    const opening = open(this.partPath, offset > 0 ? 'r+' : anew, ownerOnly)
    const file = await opening.catch(cannotWrite(this.partPath))
    await file.truncate(offset)
    return file
  }

  // Some filesystems know no links.
  async #copy(cause: unknown): Promise<void> {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(codeOf(cause) ?? '')) throw cause
    await copyFile(this.partPath, this.path, constants.COPYFILE_EXCL)
    await syncFile(this.path)
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

// A folder that may not be read, or a filesystem that syncs none, has a whole file all the same.
function unlessUnable(error: unknown): void {
  if (!['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

// What this disk refuses does not pass by being repeated, as a lost connection does.
function cannotWrite(path: string) {
  return (cause: unknown): never => {
    if (codeOf(cause) === 'EEXIST') throw taken(path)
    const code = codeOf(cause) ?? String(cause)
    const message = `${path} cannot be written: ${diskWords[code] ?? code}`
    throw new AppError('precondition', 'CANNOT_WRITE', message, { cause })
  }
}

const diskWords: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EACCES: 'not allowed',
  EPERM: 'not allowed',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
}

function taken(path: string): AppError {
  return new AppError('conflict', 'FILE_EXISTS', `${path} is there already`)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}
