import { AppError } from '@parley/errors'
import type { Scheduler } from './scheduler.ts'

/** Resolves after `delayMs`, or rejects with the signal's reason as soon as it aborts. */
export function delay(scheduler: Scheduler, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(asError(signal.reason))
    const onAbort = () => {
      timer.cancel()
      reject(asError(signal?.reason))
    }
    const timer = scheduler.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** What `work` resolves to, or an `AppError` (deadline) when it takes longer than `limitMs`. */
export async function within<T>(
  scheduler: Scheduler,
  limitMs: number,
  what: string,
  work: Promise<T>,
): Promise<T> {
  let timer = { cancel() {} }
  const late = new Promise<never>((_, reject) => {
    timer = scheduler.setTimer(limitMs, () => {
      reject(new AppError('deadline', 'TIMED_OUT', `${what} took longer than ${limitMs} ms`))
    })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    timer.cancel()
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new AppError('cancelled', 'CANCELLED', 'cancelled')
}
