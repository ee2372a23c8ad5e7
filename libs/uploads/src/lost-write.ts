/** Hears of a write that the disk has lost: nobody may try it again, only a start from disk helps. */
export type Lost = (error: Error) => void

/**
 * True for a write or sync that failed in the disk itself. Once a sync has failed the system may
 * have dropped the bytes, and the next sync of the same file succeeds without them.
 */
export function isLostWrite(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (typeof error.code !== 'string') return false
  if (error.code.startsWith('SQLITE_IOERR')) return !/_(SHORT_)?READ$/.test(error.code)
  // One sector that cannot be read is the matter of whoever reads it.
  return error.code === 'EIO' && !('syscall' in error && error.syscall === 'read')
}

/** Ends the process as any unforeseen failure does. */
export const endProcess: Lost = (error) => {
  setImmediate(() => {
    throw error
  })
}
