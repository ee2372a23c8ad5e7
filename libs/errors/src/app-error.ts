import type { ErrorKind } from './kinds.ts'

/** What a failure may carry beside its words. */
export interface AppErrorOptions {
  readonly cause?: unknown
  /** When a repeat may succeed, in milliseconds from now. */
  readonly retryAfterMs?: number
}

// Registered, so that two copies of this module in one process still know each other's errors.
const brand = Symbol.for('parley.AppError')

const reasonShape = /^[A-Z][A-Z0-9_]{1,63}$/

/**
 * A failure the code foresaw: `kind` decides the status, `reason` is the stable SCREAMING_SNAKE
 * word that programs match, `message` is for people and may be shown to the caller.
 */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly reason: string
  declare readonly retryAfterMs?: number

  constructor(kind: ErrorKind, reason: string, message: string, options: AppErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    if (!reasonShape.test(reason)) throw new TypeError(`not a stable reason: ${reason}`)
    this.kind = kind
    this.reason = reason
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
    // Not enumerable: the brand and the name would only be noise in logs.
    Object.defineProperty(this, brand, { value: true })
    Object.defineProperty(this, 'name', { value: 'AppError' })
  }
}

/** True for an `AppError`, whichever copy of this module made it. */
export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && brand in error
}

/**
 * The error itself if it is an `AppError`, else an INTERNAL one with hidden text whose `cause` is
 * what was thrown: log the cause, show the message.
 */
export function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error
  return new AppError('internal', 'INTERNAL', 'internal error', { cause: error })
}
