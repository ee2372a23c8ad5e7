import { LRUCache } from 'lru-cache'
import { TokenBucket } from '../domain/token-bucket.ts'

/** Users whose rate is remembered; the one unheard of longest starts anew. */
const maxUsers = 50_000

/** How many messages a user may send, over all devices. */
export class SendRates {
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new LRUCache<number, TokenBucket>({ max: maxUsers })

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
  }

  /** Takes one message of the user's rate and returns 0, or the milliseconds to wait before one. */
  take(user: number, nowMs: number): number {
    let bucket = this.#buckets.get(user)
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#perSecond, this.#burst, nowMs)
      this.#buckets.set(user, bucket)
    }
    return bucket.take(nowMs)
  }
}
