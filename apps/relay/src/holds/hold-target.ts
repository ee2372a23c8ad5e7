import { Backoff } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { OutboxRow } from '../store/queries/hold-outbox.ts'

/** The most changes told at once. */
export const changesPerCall = 500

/** How often a server is told that nothing waits, when there is nothing else to tell. */
export const completeEveryMs = 2_000

/** How long a server may refuse to hear before operators are told. */
const lateAfterMs = 60_000

/** Tells a server, which answers what of it is not there; `complete` says that nothing waits behind it. */
type Tell = (
  rows: readonly OutboxRow[],
  complete: boolean,
) => Promise<{ readonly missing: readonly string[] }>

/** One of the servers that hear of holds: what it has been told of those still in the outbox. */
export class HoldTarget {
  readonly #tell: Tell
  readonly #scheduler: Scheduler
  readonly #backoff: Backoff
  readonly address: string
  /** Rows that it has been told, and whether it lacks what they name. */
  #told = new Map<number, boolean>()
  #readyAtMs = 0
  #completeAtMs = Number.NEGATIVE_INFINITY
  #failingSinceMs: number | undefined
  #isLate = false

  constructor(address: string, tell: Tell, scheduler: Scheduler) {
    this.address = address
    this.#tell = tell
    this.#scheduler = scheduler
    this.#backoff = new Backoff(scheduler, { baseMs: 250, capMs: 10_000 })
  }

  /** How many changes it has been told that others have not. */
  get ahead(): number {
    return this.#told.size
  }

  /** In how many milliseconds it may be told something; 0 for now. */
  waitMs(): number {
    return Math.max(0, this.#readyAtMs - this.#scheduler.monotonic())
  }

  /** True when it has not heard for a minute, as of the last attempt. */
  get isLate(): boolean {
    return this.#isLate
  }

  hasBeenTold(row: OutboxRow): boolean {
    return this.#told.has(row.id)
  }

  /** True when it has answered that what the row names is not there. */
  lacks(row: OutboxRow): boolean {
    return this.#told.get(row.id) === true
  }

  /**
   * Tells the oldest changes of these that it does not know, and whether that is everything, as
   * `isAll` says of the rows; answers how many, and rejects if it did not.
   */
  async catchUp(rows: readonly OutboxRow[], isAll: boolean): Promise<number> {
    const unknown = rows.filter((row) => !this.hasBeenTold(row))
    const news = unknown.slice(0, changesPerCall)
    const complete = isAll && news.length === unknown.length
    if (news.length === 0 && !(complete && this.#isCompleteDue())) return 0
    try {
      const missing = new Set((await this.#tell(news, complete)).missing)
      for (const { id, attachmentId } of news) this.#told.set(id, missing.has(attachmentId))
    } catch (error) {
      this.#failed()
      throw error
    }
    if (complete) this.#completeAtMs = this.#scheduler.monotonic()
    this.#backoff.reset()
    this.#failingSinceMs = undefined
    this.#isLate = false
    return news.length
  }

  #isCompleteDue(): boolean {
    return this.#scheduler.monotonic() - this.#completeAtMs >= completeEveryMs
  }

  /** Remembers only what is still in the outbox. */
  keep(rows: readonly OutboxRow[]): void {
    const inOutbox = new Set(rows.map((row) => row.id))
    this.#told = new Map([...this.#told].filter(([id]) => inOutbox.has(id)))
  }

  /** Forgets all: another relay tells it from now on. */
  forget(): void {
    this.#told.clear()
    this.#completeAtMs = Number.NEGATIVE_INFINITY
    this.#failingSinceMs = undefined
    this.#isLate = false
  }

  #failed(): void {
    const nowMs = this.#scheduler.monotonic()
    this.#readyAtMs = nowMs + this.#backoff.next()
    this.#failingSinceMs ??= nowMs
    this.#isLate = nowMs - this.#failingSinceMs >= lateAfterMs
  }
}
