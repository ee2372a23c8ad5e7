import type { AppError } from '@parley/errors'

/** What is known of a stream that is over. */
export interface Loss {
  readonly error: AppError
  /** How long it was online; 0 when it never was. */
  readonly onlineMs: number
  /** Its token had been renewed because the one before was refused. */
  readonly renewedToken: boolean
}

/** What to do about it. */
export type AfterLoss =
  | { readonly act: 'stop' }
  | { readonly act: 'renew' }
  /** At once the first time after a session that held, else after a backoff. */
  | { readonly act: 'retry'; readonly fresh: boolean }

// A server that welcomes and fails at once must not be asked again and again.
const steadyMs = 5_000

const lasting: ReadonlySet<string> = new Set([
  'invalid',
  'forbidden',
  'precondition',
  'unsupported',
  'conflict',
])

/** Decides what follows the loss of a stream. */
export function afterLoss(loss: Loss): AfterLoss {
  const { error, onlineMs, renewedToken } = loss
  if (error.kind === 'unauthenticated') return { act: renewedToken ? 'stop' : 'renew' }
  if (onlineMs === 0 && lasting.has(error.kind)) return { act: 'stop' }
  return { act: 'retry', fresh: onlineMs >= steadyMs }
}
