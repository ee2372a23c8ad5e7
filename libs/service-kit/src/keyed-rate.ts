import { LRUCache } from 'lru-cache'
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
  readonly #buckets: LRUCache<Key, TokenBucket>

  /** 50,000 keys are remembered unless told. */
  constructor(rate: Rate, maxKeys = defaultMaxKeys) {
    this.#rate = rate
    this.#buckets = new LRUCache({ max: maxKeys })
  }

  /** Takes `count` of a key's rate and returns 0, or nothing and returns the milliseconds to wait. */
  take(key: Key, nowMs: number, count = 1): number {
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate.perSecond, this.#rate.burst, nowMs)
      this.#buckets.set(key, bucket)
    }
    return bucket.take(nowMs, count)
  }
}
