import { AppError, toAppError } from '@parley/errors'
import { Backoff, delay, isLoopback } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { Tokens } from '../calls/tokens.ts'
import type { LocalState, Login } from '../state/local-state.ts'

/** What every transfer uses. */
export interface TransferContext {
  readonly tokens: Pick<Tokens, 'access' | 'renewed'> & {
    login(): Pick<Login, 'userId'>
  }
  readonly state: LocalState
  readonly scheduler: Scheduler
  readonly allowPlaintext: boolean
}

/** Throws `AppError` (precondition, PLAINTEXT_REFUSED) where a token would cross a network unencrypted. */
export function assertPrivate(url: URL, context: Pick<TransferContext, 'allowPlaintext'>): void {
  if (url.protocol === 'https:' || context.allowPlaintext || isLoopback(url.hostname)) return
  const message = `${url.origin} would be talked to without TLS; allow plaintext, or use https`
  throw new AppError('precondition', 'PLAINTEXT_REFUSED', message)
}

/** One go at moving bytes. */
export interface Attempt<T> {
  /** Moves as much as it can; throws what ended it. */
  readonly run: () => Promise<T>
  /** How far things are: progress makes failures count from zero again. */
  readonly doneBytes: () => number
  readonly signal: AbortSignal | undefined
  /** Failures in a row, without a byte of progress, after which it is given up; 8 unless told. */
  readonly maxFailures?: number
}

const usualMaxFailures = 8

const maxBackoffMs = 10_000

/**
 * Repeats an attempt while what ends it may pass: a lost connection, a busy or absent server. Throws
 * `AppError` (cancelled) when the signal aborts between two attempts.
 */
export async function persist<T>(scheduler: Scheduler, attempt: Attempt<T>): Promise<T> {
  const { maxFailures = usualMaxFailures } = attempt
  const backoff = new Backoff(scheduler, { baseMs: 200, capMs: maxBackoffMs })
  for (let failures = 0, doneBytes = attempt.doneBytes(); ;) {
    try {
      return await attempt.run()
    } catch (error) {
      const failure = toAppError(error)
      const isFurther = attempt.doneBytes() > doneBytes
      doneBytes = attempt.doneBytes()
      failures = isFurther ? 1 : failures + 1
      if (isFurther) backoff.reset()
      if (!mayPass(failure) || failures >= maxFailures) throw failure
      const waitMs = Math.max(backoff.next(), Math.min(failure.retryAfterMs ?? 0, maxBackoffMs))
      await delay(scheduler, waitMs, attempt.signal).catch(cancelled)
    }
  }
}

// In the words of an attempt that is cut off: whoever cancels cannot know which of both it meets.
function cancelled(cause: unknown): never {
  throw new AppError('cancelled', 'CANCELLED', 'the transfer was cancelled', { cause })
}

function mayPass({ kind, retryAfterMs }: AppError): boolean {
  // Of one's own uploads too many go on at once, perhaps because some are still breaking off.
  const passesSoon = kind === 'rate-limited' && (retryAfterMs ?? Infinity) <= maxBackoffMs
  return kind === 'unavailable' || kind === 'deadline' || passesSoon
}
