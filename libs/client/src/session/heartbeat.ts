import type { Scheduler, Timer } from '@parley/service-kit'

/** What a heartbeat does. */
export interface HeartbeatOptions {
  readonly scheduler: Scheduler
  readonly ping: () => void
  /** Nothing was heard for 15 s after a ping. */
  readonly dead: () => void
}

const patienceMs = 15_000
const defaultPeriodMs = 60_000

/** Notices a server that has gone without a word. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #periodMs = defaultPeriodMs
  #timer: Timer | undefined
  #heard = false
  #excusedUntilMs = 0

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  start(periodMs: number): void {
    this.stop()
    this.#periodMs = periodMs > 0 ? periodMs : defaultPeriodMs
    this.#excusedUntilMs = 0
    this.#wait()
  }

  /** Anything that comes is a sign of life. */
  heard(): void {
    this.#heard = true
  }

  /** The server has said that it does not read for so long, or this side does not. */
  excuse(forMs: number): void {
    const untilMs = this.#options.scheduler.monotonic() + forMs
    this.#excusedUntilMs = Math.max(this.#excusedUntilMs, untilMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  // Jittered, so that clients that came together do not ping together.
  #wait(): void {
    const { scheduler } = this.#options
    const waitMs = this.#periodMs * (0.9 + 0.1 * scheduler.random())
    this.#timer = scheduler.setTimer(waitMs, () => this.#ping())
  }

  #ping(): void {
    this.#heard = false
    this.#options.ping()
    this.#timer = this.#options.scheduler.setTimer(patienceMs, () => this.#judge())
  }

  #judge(): void {
    const { scheduler, dead } = this.#options
    const excusedMs = this.#excusedUntilMs - scheduler.monotonic()
    if (this.#heard) this.#wait()
    else if (excusedMs > 0) {
      this.#timer = scheduler.setTimer(excusedMs + patienceMs, () => this.#judge())
    } else dead()
  }
}
