import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface IndexSearchInput {
  /** The index covers messages up to this one then. */
  readonly upTo: number
  readonly messages: readonly { readonly message: number; readonly grams: readonly string[] }[]
}

/** Puts texts and edits into the search index, unless they were erased meanwhile. */
export function indexSearch(tx: Tx, input: IndexSearchInput): Verdict<null> {
  if (tx.search.progress() >= input.upTo) return done(null)
  for (const { message, grams } of input.messages) tx.search.add(message, grams)
  tx.search.setProgress(input.upTo)
  return done(null)
}
