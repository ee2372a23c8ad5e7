import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'

/** How many failures are remembered, and for how long. */
export interface FailureLimits {
  readonly maxFailures: number
  readonly failureLifeMs: number
}

interface Failure {
  readonly error: AppError
  readonly untilMs: number
}

const reasons: ReadonlySet<string> = new Set(['IMAGE_BROKEN', 'IMAGE_TOO_COSTLY'])

/** True for what the next attempt would end as, too: the image itself is at fault. */
export function isOfImage(error: unknown): error is AppError {
  return error instanceof AppError && reasons.has(error.reason)
}

/** Remembers for a while what could not be made, so that not every reader has it tried again. */
export class Failures {
  readonly #limits: FailureLimits
  readonly #scheduler: Pick<Scheduler, 'monotonic'>
  // Oldest first.
  readonly #failures = new Map<string, Failure>()

  constructor(limits: FailureLimits, scheduler: Pick<Scheduler, 'monotonic'>) {
    this.#limits = limits
    this.#scheduler = scheduler
  }

  /** Why that could not be made a while ago; undefined when it may be tried. */
  find(key: string): AppError | undefined {
    const failure = this.#failures.get(key)
    if (failure && failure.untilMs > this.#scheduler.monotonic()) return failure.error
    this.#failures.delete(key)
    return undefined
  }

  /** Remembers a failure if the image is at fault; the oldest make room. */
  add(key: string, error: unknown): void {
    if (!isOfImage(error)) return
    const { maxFailures, failureLifeMs } = this.#limits
    this.#failures.delete(key)
    this.#failures.set(key, { error, untilMs: this.#scheduler.monotonic() + failureLifeMs })
    for (const [oldest] of this.#failures) {
      if (this.#failures.size <= maxFailures) break
      this.#failures.delete(oldest)
    }
  }
}
