import Sqlite from 'better-sqlite3'
import { AppError } from '@parley/errors'

/**
 * The same object, whose methods throw `AppError` (corrupt, STATE_UNREADABLE; precondition,
 * STATE_NOT_WRITABLE) where the database or what is in it fails.
 */
export function guarded<T extends object>(target: T, file: string): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        try {
          return value.apply(object, args) as unknown
        } catch (error) {
          throw stateError(error, file)
        }
      }
    },
  })
}

const fullCodes = ['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_IOERR', 'SQLITE_CANTOPEN']

/** What a failure of the database file is to the user; anything else stays as it is. */
export function stateError(error: unknown, file: string): unknown {
  // A text that is no JSON any more was stored as one.
  if (!(error instanceof Sqlite.SqliteError) && !(error instanceof SyntaxError)) return error
  const code = error instanceof Sqlite.SqliteError ? error.code : ''
  if (fullCodes.some((each) => code.startsWith(each))) {
    const message = `the local state ${file} cannot be written: ${error.message}`
    return new AppError('precondition', 'STATE_NOT_WRITABLE', message, { cause: error })
  }
  const message = `the local state ${file} cannot be read: ${error.message}; move it away and log in again`
  return new AppError('corrupt', 'STATE_UNREADABLE', message, { cause: error })
}
