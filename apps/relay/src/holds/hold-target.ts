import { Backoff } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { OutboxRow } from '../store/queries/hold-outbox.ts'

/** The most changes told at once. */
export const changesPerCall = 500

type Tell = (rows: readonly OutboxRow[]) => Promise<unknown>

/** One of the servers that hear of holds: what it has been told of those still in the outbox. */
export class HoldTarget {
  readonly #tell: Tell
  readonly #scheduler: Scheduler
  readonly #backoff: Backoff
  #told = new Set<number>()
  #readyAtMs = 0

  constructor(tell: Tell, scheduler: Scheduler) {
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

  hasBeenTold(row: OutboxRow): boolean {
    return this.#told.has(row.id)
  }

  /** Tells the oldest changes of these that it does not know; answers how many, and rejects if it did not. */
  async catchUp(rows: readonly OutboxRow[]): Promise<number> {
    const news = rows.filter((row) => !this.hasBeenTold(row)).slice(0, changesPerCall)
    if (news.length === 0) return 0
    try {
      await this.#tell(news)
    } catch (error) {
      this.#readyAtMs = this.#scheduler.monotonic() + this.#backoff.next()
      throw error
    }
    this.#backoff.reset()
    for (const { id } of news) this.#told.add(id)
    return news.length
  }

  /** Remembers only what is still in the outbox. */
  keep(rows: readonly OutboxRow[]): void {
    const inOutbox = new Set(rows.map((row) => row.id))
    this.#told = new Set([...this.#told].filter((id) => inOutbox.has(id)))
  }
}
