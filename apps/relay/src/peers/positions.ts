import { LRUCache } from 'lru-cache'
import type { Position } from '../domain/signals.ts'

/** Positions of users in conversations that are remembered; the one unheard of longest is forgotten. */
export const rememberedPositions = 50_000

/** How far users have come with any of their devices at any relay: what counts as delivered does not go back. */
export class Positions {
  readonly #furthest = new LRUCache<string, number>({ max: rememberedPositions })

  /** True when nobody has said so before, or more. */
  isNews({ conversation, user, deliveredSeq, readSeq }: Position): boolean {
    const what = readSeq > 0 ? 'read' : 'delivered'
    const key = `${what}/${conversation}/${user}`
    const seq = Math.max(deliveredSeq, readSeq)
    if ((this.#furthest.get(key) ?? 0) >= seq) return false
    this.#furthest.set(key, seq)
    return true
  }
}
