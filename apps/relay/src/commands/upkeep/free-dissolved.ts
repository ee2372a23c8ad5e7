import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

/** The most entries whose attachments are let go at once: messages of everybody wait meanwhile. */
export const helping = 100

export interface FreeDissolvedInput {
  readonly conversation: number
}

/** Lets go of what the entries of a dissolved group carry, some at a time; tells whether that was all. */
export function freeDissolved(
  tx: Tx,
  { conversation }: FreeDissolvedInput,
): Verdict<{ isAll: boolean }> {
  const group = tx.conversations.byId(conversation)
  if (group?.dissolved !== true) return done({ isAll: true })
  const carried = tx.attachments.carriedIn(conversation, helping)
  tx.attachments.releaseAll(group, carried)
  const isAll = carried.length < helping
  if (isAll) tx.conversations.setLetGo(conversation)
  return done({ isAll })
}
