import type { Dirent } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { AppError } from '@parley/errors'

/** One file to send. */
export interface AttachmentFile {
  readonly path: string
  /** What receivers see; of a file in a folder it begins with the folder's name. */
  readonly name: string
  readonly sizeBytes: number
}

/** Files to send, in their order. */
export interface AttachmentSet {
  readonly files: readonly AttachmentFile[]
  /** Symbolic links in folders: they are not followed. */
  readonly links: readonly string[]
}

/** What one command takes at most. A longer name the relay would refuse, after the bytes were sent. */
export const setLimits = { files: 1_000, depth: 32, nameBytes: 255, links: 1_000 } as const

/**
 * The files behind paths, those of folders in the order of their names; throws (not-found,
 * NO_SUCH_FILE), (invalid, NOT_A_FILE) for what is neither file nor folder, (invalid,
 * TOO_MANY_FILES), (invalid, FOLDER_TOO_DEEP) and (invalid, NAME_TOO_LONG).
 */
export async function attachmentSet(
  paths: readonly string[],
  folders: 'folders' | 'files-only',
): Promise<AttachmentSet> {
  const set = new GrowingSet()
  for (const path of paths) {
    const found = await stat(path).catch((cause: unknown) => missing(path, cause))
    const name = basename(resolve(path))
    if (found.isFile()) set.add({ path, name, sizeBytes: found.size })
    else if (!found.isDirectory()) throw notAFile(path)
    else if (folders === 'folders') await walk(set, path, name, 1)
    else throw new AppError('invalid', 'NOT_A_FILE', `${path} is a folder`)
  }
  return set
}

class GrowingSet implements AttachmentSet {
  readonly files: AttachmentFile[] = []
  readonly links: string[] = []

  add(file: AttachmentFile): void {
    if (Buffer.byteLength(file.name) > setLimits.nameBytes) {
      const message = `${file.path}: its name has more than ${setLimits.nameBytes} bytes`
      throw new AppError('invalid', 'NAME_TOO_LONG', message)
    }
    if (this.files.length >= setLimits.files) throw tooMany(setLimits.files, 'files')
    this.files.push(file)
  }

  leaveOut(link: string): void {
    if (this.links.length >= setLimits.links) throw tooMany(setLimits.links, 'symbolic links')
    this.links.push(link)
  }
}

function tooMany(most: number, what: string): AppError {
  const message = `there are more than ${most} ${what}; send an archive instead`
  return new AppError('invalid', 'TOO_MANY_FILES', message)
}

async function walk(set: GrowingSet, folder: string, name: string, depth: number): Promise<void> {
  if (depth > setLimits.depth) {
    const message = `${folder} lies more than ${setLimits.depth} folders deep`
    throw new AppError('invalid', 'FOLDER_TOO_DEEP', message)
  }
  for (const entry of await sortedEntries(folder)) {
    const [path, full] = [join(folder, entry.name), `${name}/${entry.name}`]
    if (entry.isSymbolicLink()) set.leaveOut(path)
    else if (entry.isDirectory()) await walk(set, path, full, depth + 1)
    else if (!entry.isFile()) throw notAFile(path)
    else set.add({ path, name: full, sizeBytes: await sizeOf(path) })
  }
}

async function sortedEntries(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) =>
    missing(folder, cause),
  )
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function sizeOf(path: string): Promise<number> {
  return (await lstat(path).catch((cause: unknown) => missing(path, cause))).size
}

function notAFile(path: string): AppError {
  return new AppError('invalid', 'NOT_A_FILE', `${path} is no ordinary file`)
}

function missing(path: string, cause: unknown): never {
  const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
  const message = isMissing
    ? `there is no file ${path}`
    : `${path} cannot be read: ${String(cause)}`
  throw new AppError('not-found', 'NO_SUCH_FILE', message, { cause })
}

/** Throws (not-found, NO_SUCH_FILE) or (invalid, NOT_A_FILE) for a path that is no file. */
export async function assertFile(path: string): Promise<void> {
  await attachmentSet([path], 'files-only')
}
