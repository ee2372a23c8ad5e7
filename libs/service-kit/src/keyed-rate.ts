import { TokenBucket } from './token-bucket.ts'

/** How often something may be done: `burst` at once, `perSecond` for ever. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

const defaultMaxKeys = 50_000

/** One rate for each of many: users, addresses. Whoever was unheard of longest is forgotten first. */
export class KeyedRate<Key extends string | number> {
  readonly #rate: Rate
  readonly #maxKeys: number
  /** The one heard of longest ago comes first. */
  readonly #buckets = new Map<Key, TokenBucket>()

  /** 50,000 keys are remembered unless told. */
  constructor(rate: Rate, maxKeys = defaultMaxKeys) {
    this.#rate = rate
    this.#maxKeys = maxKeys
  }

  /** Takes `count` of a key's rate and returns 0, or nothing and returns the milliseconds to wait. */
  take(key: Key, nowMs: number, count = 1): number {
    const { perSecond, burst } = this.#rate
    const bucket = this.#buckets.get(key) ?? new TokenBucket(perSecond, burst, nowMs)
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#maxKeys) this.#forgetOldest()
    return bucket.take(nowMs, count)
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key)
      return
    }
  }
}
