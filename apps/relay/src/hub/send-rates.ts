import { LRUCache } from 'lru-cache'
import { TokenBucket } from '../domain/token-bucket.ts'

/** Users whose rates are remembered; the one unheard of longest starts anew. */
const maxUsers = 50_000

/** How much a user may signal, for ever and at once. */
export const signalLimits = { perSecond: 20, burst: 200 } as const

/**
 * Commands that are not stored but set others to work, and what each takes of `signalLimits`: one
 * sign of typing goes to every member of a group, one watch list asks for a thousand users.
 */
export const signalCosts = { typing: 1, setStatus: 5, watch: 10 } as const

/** How many messages a user may send, and how much signal, over all devices. */
export class SendRates {
  readonly #perSecond: number
  readonly #burst: number
  readonly #sends = new LRUCache<number, TokenBucket>({ max: maxUsers })
  readonly #signals = new LRUCache<number, TokenBucket>({ max: maxUsers })

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
  }

  /** Takes one message of the user's rate and returns 0, or the milliseconds to wait before one. */
  take(user: number, nowMs: number): number {
    let bucket = this.#sends.get(user)
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#perSecond, this.#burst, nowMs)
      this.#sends.set(user, bucket)
    }
    return bucket.take(nowMs)
  }

  /** The same for one signal. */
  signal(user: number, what: keyof typeof signalCosts, nowMs: number): number {
    const { perSecond, burst } = signalLimits
    const bucket = this.#signals.get(user) ?? new TokenBucket(perSecond, burst, nowMs)
    this.#signals.set(user, bucket)
    return bucket.take(nowMs, signalCosts[what])
  }
}
