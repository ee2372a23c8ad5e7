import { signatureFormat } from '../../store/signature-format.ts'
import type { SearchBlock } from '../../store/chore-rows.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface IndexSearchInput {
  /** The index has looked at all messages up to this one then. */
  readonly upTo: number
  readonly blocks: readonly SearchBlock[]
}

/** Puts the signatures of full blocks into the search index. */
export function indexSearch(tx: Tx, input: IndexSearchInput): Verdict<null> {
  if (tx.search.progress(signatureFormat) >= input.upTo) return done(null)
  tx.search.put(signatureFormat, input.blocks)
  tx.search.setProgress(signatureFormat, input.upTo)
  return done(null)
}
