import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@parley/errors'

/** An exclusive hold on a folder, until released or until the process ends, however it ends. */
export interface FolderLock {
  /** Gives the folder free; harmless when done before. */
  release(): void
}

/**
 * Takes a data folder for this process alone; throws `AppError` (conflict, FOLDER_IN_USE) naming
 * the process that has it.
 *
 * The lock is the operating system's own, held by SQLite on `lock.db`: the kernel lets it go with
 * the process, so a kill -9 leaves nothing stale behind, and containers that share the folder see it.
 */
export function lockFolder(path: string): FolderLock {
  const ownerPath = join(path, 'lock.pid')
  const database = new DatabaseSync(join(path, 'lock.db'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw inUse(path, ownerPath, cause)
  }
  writeFileSync(ownerPath, `${process.pid}\n`, { mode: 0o600 })
  return {
    release() {
      if (database.isOpen) database.close()
    },
  }
}

function inUse(path: string, ownerPath: string, cause: unknown): AppError {
  const message = `the data folder ${path} is in use by process ${ownerOf(ownerPath)}; one process only may have it`
  return new AppError('conflict', 'FOLDER_IN_USE', message, { cause })
}

function ownerOf(ownerPath: string): string {
  try {
    return readFileSync(ownerPath, 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
