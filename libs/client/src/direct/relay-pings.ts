import type { Scheduler } from '@parley/service-kit'
import type { ChatStream } from '../session/stream.ts'

const everyMs = 5_000

/** How long to the server and back, for comparison with the paths that need none. */
export class RelayPings {
  /** In milliseconds; undefined before the first answer. */
  rttMs: number | undefined
  readonly #scheduler: Scheduler
  readonly #stream: () => ChatStream | undefined
  /** Small numbers, so that no heartbeat has the same: those are times. */
  #nonce = 0
  #sentAtMs = -Infinity

  constructor(scheduler: Scheduler, stream: () => ChatStream | undefined) {
    this.#scheduler = scheduler
    this.#stream = stream
  }

  /** Asks, unless it was done lately. */
  pingNow(): void {
    if (this.#scheduler.monotonic() - this.#sentAtMs >= everyMs) this.ping()
  }

  ping(): void {
    this.#nonce += 1
    this.#sentAtMs = this.#scheduler.monotonic()
    this.#stream()?.push({ $case: 'ping', value: { nonce: this.#nonce } })
  }

  /** The server has answered. */
  heard(nonce: number): void {
    if (nonce === this.#nonce) this.rttMs = this.#scheduler.monotonic() - this.#sentAtMs
  }
}
