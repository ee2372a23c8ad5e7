import { Backoff } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'

const baseMs = 1_000
/** How far apart offers are that nobody has answered. */
const maxEveryMs = 60_000

/** What an offer needs. */
export interface OfferingOptions {
  readonly scheduler: Scheduler
  readonly say: () => void
  /** Whether a device of the other is known by now. */
  readonly isHeard: () => boolean
}

/**
 * Says an offer again and again until a device of the other is known: the server passes over what
 * comes before it knows the conversation, and between two servers words may get lost.
 */
export class Offering {
  readonly #options: OfferingOptions
  readonly #backoff: Backoff
  #timer: Timer | undefined

  constructor(options: OfferingOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.scheduler, { baseMs, capMs: maxEveryMs })
  }

  /** Says it now, and soon again. */
  begin(): void {
    this.#backoff.reset()
    this.#say()
  }

  /** Says it no more. */
  end(): void {
    this.#timer?.cancel()
  }

  #say(): void {
    const { scheduler, say, isHeard } = this.#options
    say()
    this.#timer?.cancel()
    this.#timer = scheduler.setTimer(this.#backoff.next(), () => {
      if (!isHeard()) this.#say()
    })
  }
}
