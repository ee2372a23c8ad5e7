import { AppError } from '@parley/errors'

/** The one answer for what is not there and for what is not the caller's. */
export function notFound(): AppError {
  return new AppError('not-found', 'NOT_FOUND', 'not found')
}

/** Another request is writing this upload. */
export function uploadBusy(): AppError {
  const message = 'another request is writing this upload'
  return new AppError('conflict', 'UPLOAD_BUSY', message, { retryAfterMs: 1_000 })
}

/** The client would write elsewhere than where the bytes on disk end. */
export function offsetMismatch(offsetBytes: number): AppError {
  return new AppError('conflict', 'OFFSET_MISMATCH', `the upload stands at byte ${offsetBytes}`)
}

/** More bytes came than were announced. */
export function uploadTooLong(): AppError {
  return new AppError('too-large', 'UPLOAD_TOO_LONG', 'more bytes than announced')
}

/** The disk, or what this server may use of it, is full. */
export function diskFull(cause?: unknown): AppError {
  return new AppError('exhausted', 'DISK_FULL', 'no space is left on this server', { cause })
}

const refusalKinds: ReadonlySet<string> = new Set([
  'invalid',
  'too-large',
  'unsupported',
  'unprocessable',
])

/** True for what no repetition will mend: the upload itself is at fault. */
export function isLasting(error: unknown): boolean {
  return error instanceof AppError && refusalKinds.has(error.kind)
}

const fullCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])

/** Translates what the filesystem or the index says of a full disk; other errors pass. */
export function storageError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  return 'code' in error && fullCodes.has(error.code) ? diskFull(error) : error
}

/** The data folder is not as this server left it, and going on would lose files. */
export function storageChanged(words: string): AppError {
  const message = `this data folder goes on as it began: ${words}`
  return new AppError('precondition', 'STORAGE_CHANGED', message)
}
