import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@parley/errors'

/** The result code of SQLite for what another connection holds. */
const sqliteBusy = 5

/** What is held: a lock that its holder has lost sight of must not be collected, which would end it. */
const held = new Set<DatabaseSync>()

/** An exclusive hold on a folder, until released or until the process ends, however it ends. */
export interface FolderLock {
  /** Gives the folder free; harmless when done before. */
  release(): void
}

/**
 * Takes a data folder for this process alone; throws `AppError` (conflict, FOLDER_IN_USE) naming
 * the process that has it, and (precondition, FOLDER_NOT_WRITABLE) for one that nobody can take.
 *
 * The lock is the operating system's own, held by SQLite on `lock.db`: the kernel lets it go with
 * the process, so a kill -9 leaves nothing stale behind, and containers that share the folder see it.
 */
export function lockFolder(path: string): FolderLock {
  const ownerPath = join(path, 'lock.pid')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(path, 'lock.db'), { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
    writeFileSync(ownerPath, `${process.pid}\n`, { mode: 0o600 })
  } catch (cause) {
    // Also when it was taken already: what fails must not keep others out for as long as this process lives.
    database?.close()
    throw isBusy(cause) ? inUse(path, ownerPath, cause) : notLockable(path, cause)
  }
  return releasing(database)
}

function releasing(database: DatabaseSync): FolderLock {
  held.add(database)
  return {
    release() {
      held.delete(database)
      if (database.isOpen) database.close()
    },
  }
}

// Its extended codes say more in the bytes above.
function isBusy(error: unknown): boolean {
  const { errcode = 0 } = error as { readonly errcode?: number }
  return (errcode & 0xff) === sqliteBusy
}

function inUse(path: string, ownerPath: string, cause: unknown): AppError {
  const message = `the data folder ${path} is in use by process ${ownerOf(ownerPath)}; one process only may have it`
  return new AppError('conflict', 'FOLDER_IN_USE', message, { cause })
}

function notLockable(path: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `the data folder ${path} cannot be locked: ${why}`
  return new AppError('precondition', 'FOLDER_NOT_WRITABLE', message, { cause })
}

function ownerOf(ownerPath: string): string {
  try {
    return readFileSync(ownerPath, 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
