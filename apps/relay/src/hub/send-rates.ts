import { KeyedRate } from '@parley/service-kit'

/** How much a user may signal, for ever and at once. */
export const signalLimits = { perSecond: 20, burst: 200 } as const

/**
 * Commands that are not stored but set others to work, and what each takes of `signalLimits`: one
 * sign of typing goes to every member of a group, one watch list asks for a thousand users.
 */
export const signalCosts = { typing: 1, setStatus: 5, direct: 5, watch: 10 } as const

/** How many messages a user may send, and how much signal, over all devices. */
export class SendRates {
  readonly #sends: KeyedRate<number>
  readonly #signals = new KeyedRate<number>(signalLimits)

  constructor(perSecond: number, burst: number) {
    this.#sends = new KeyedRate({ perSecond, burst })
  }

  /** Takes one message of the user's rate and returns 0, or the milliseconds to wait before one. */
  take(user: number, nowMs: number): number {
    return this.#sends.take(user, nowMs)
  }

  /** The same for one signal. */
  signal(user: number, what: keyof typeof signalCosts, nowMs: number): number {
    return this.#signals.take(user, nowMs, signalCosts[what])
  }
}
