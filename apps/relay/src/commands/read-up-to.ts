import type { Tx } from '../store/tx.ts'
import { done, refuse } from './script.ts'
import type { Verdict } from './script.ts'

export interface ReadInput {
  readonly user: number
  readonly conversationId: Uint8Array
  readonly seq: number
}

export interface ReadAnswer {
  readonly conversation: number
  readonly kind: number
  readonly seq: number
  /** False when the cursor was there already. */
  readonly moved: boolean
}

/** Moves a user's read cursor forward, at most to the newest entry that the user can see. */
export function readUpTo(tx: Tx, input: ReadInput): Verdict<ReadAnswer> {
  const conversation = tx.conversations.byPublicId(input.conversationId)
  const seq = conversation && Math.min(input.seq, tx.log.head(conversation.id))
  if (conversation === undefined || seq === undefined || seq < 1) return unknown()
  if (!tx.members.maySee(conversation.id, input.user, seq)) return unknown()
  const moved = tx.marks.read(input.user, conversation.id, seq)
  return done({ conversation: conversation.id, kind: conversation.kind, seq, moved })
}

function unknown(): Verdict<ReadAnswer> {
  return refuse('NOT_A_MEMBER', 'You cannot see this entry.')
}
