import Sqlite from 'better-sqlite3'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError, isAppError } from '@parley/errors'
import { lockFolder } from '@parley/service-kit'
import { guarded, stateError } from './guarded.ts'
import type { LocalState, StateLock } from './local-state.ts'
import { SqliteState } from './sqlite-state.ts'

const ownerOnly = 0o600

/**
 * The local state in a folder, made when it is not there, readable by its owner only; throws
 * `AppError` (precondition, FOLDER_NOT_WRITABLE or STATE_TOO_NEW).
 */
export async function openHome(path: string): Promise<LocalState> {
  const folder = resolve(path)
  const file = join(folder, 'state.db')
  const db = await openFile(folder, file)
  try {
    const state = new SqliteState(db, (name) => tryLockFolder(join(folder, name)), file)
    return guarded(state, file)
  } catch (error) {
    db.close()
    throw stateError(error, file)
  }
}

async function openFile(folder: string, file: string): Promise<Sqlite.Database> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    createOwned(file)
    return new Sqlite(file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `the folder ${folder} cannot be written: ${why}`
    throw new AppError('precondition', 'FOLDER_NOT_WRITABLE', message, { cause })
  }
}

function tryLockFolder(path: string): StateLock | undefined {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  createOwned(join(path, 'lock.db'))
  try {
    return lockFolder(path)
  } catch (error) {
    if (isAppError(error) && error.reason === 'FOLDER_IN_USE') return undefined
    throw error
  }
}

// `wx` never opens a file that is there: closing such a descriptor would drop SQLite's own locks.
function createOwned(file: string): void {
  try {
    closeSync(openSync(file, 'wx', ownerOnly))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
