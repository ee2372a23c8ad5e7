import { idText, newId } from '../ids.ts'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { AccountState, OutboxClaim, OutboxMessage, OutboxRow } from '../state/local-state.ts'

const leaseMs = 30_000
const tickMs = 5_000

/** This client's part of the outbox, which other processes of the same home share. */
export class OutboxClaims {
  readonly #account: AccountState
  readonly #scheduler: Scheduler
  readonly #owner: string
  #timer: Timer | undefined

  constructor(account: AccountState, scheduler: Scheduler) {
    this.#account = account
    this.#scheduler = scheduler
    this.#owner = idText(newId(scheduler))
  }

  /** Keeps the claims alive; `tick` comes every 5 s. */
  start(tick: () => void): void {
    this.#timer = this.#scheduler.every(tickMs, () => {
      this.#account.renew(this.#claim())
      tick()
    })
  }

  /** Stores messages as this client's own. */
  enqueue(messages: readonly OutboxMessage[]): OutboxRow[] {
    return this.#account.enqueue(messages, this.#claim())
  }

  /** Takes over what nobody sends. */
  take(): OutboxRow[] {
    return this.#account.claim(this.#claim())
  }

  /** Leaves what is unsent to others. */
  release(): void {
    this.#timer?.cancel()
    this.#account.release(this.#owner)
  }

  #claim(): OutboxClaim {
    const nowMs = this.#scheduler.now()
    return { owner: this.#owner, nowMs, untilMs: nowMs + leaseMs }
  }
}
