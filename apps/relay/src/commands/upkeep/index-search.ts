import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface IndexSearchInput {
  /** The index has looked at messages up to this one then. */
  readonly upTo: number
  readonly blocks: readonly {
    readonly conversation: number
    readonly block: number
    readonly signature: Uint8Array
  }[]
}

/** Puts the signatures of full blocks into the search index. */
export function indexSearch(tx: Tx, input: IndexSearchInput): Verdict<null> {
  if (tx.search.progress() >= input.upTo) return done(null)
  for (const { conversation, block, signature } of input.blocks) {
    tx.search.add(conversation, block, signature)
  }
  tx.search.setProgress(input.upTo)
  return done(null)
}
