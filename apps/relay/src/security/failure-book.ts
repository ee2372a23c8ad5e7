import type { Scheduler } from '@parley/service-kit'
import { LRUCache } from 'lru-cache'

/** Wrong passwords in a row that cost nothing. */
export const freeFailures = 5
/** The longest wait after a wrong password. */
export const maxWaitMs = 60_000
/** Pairs of account and address remembered; the one unheard of longest is forgotten. */
const maxKeys = 50_000
const firstWaitMs = 1_000
const forgottenAfterMs = 15 * 60_000

interface Failures {
  readonly count: number
  readonly atMs: number
}

/**
 * Wrong passwords of one account from one address: each beyond the first few doubles the wait. What
 * others do elsewhere does not count, so nobody can shut anybody out.
 */
export class FailureBook {
  readonly #scheduler: Scheduler
  readonly #failures = new LRUCache<string, Failures>({ max: maxKeys })

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Milliseconds until another try is heard; 0 for now. */
  waitMs(key: string): number {
    const failures = this.#recent(key)
    if (failures === undefined || failures.count <= freeFailures) return 0
    const doublings = Math.min(failures.count - freeFailures - 1, 30)
    const waitMs = Math.min(maxWaitMs, firstWaitMs * 2 ** doublings)
    return Math.max(0, failures.atMs + waitMs - this.#scheduler.monotonic())
  }

  /** Another wrong password. */
  add(key: string): void {
    const count = (this.#recent(key)?.count ?? 0) + 1
    this.#failures.set(key, { count, atMs: this.#scheduler.monotonic() })
  }

  /** The right password: what was before is forgiven. */
  clear(key: string): void {
    this.#failures.delete(key)
  }

  #recent(key: string): Failures | undefined {
    const failures = this.#failures.get(key)
    if (failures === undefined) return undefined
    const isOld = this.#scheduler.monotonic() - failures.atMs > forgottenAfterMs
    return isOld ? undefined : failures
  }
}
