import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface SettleHoldsInput {
  /** Rows of the outbox that the other service has answered. */
  readonly outboxIds: readonly number[]
}

/** Takes holds that were applied out of the outbox. */
export function settleHolds(tx: Tx, input: SettleHoldsInput): Verdict<null> {
  tx.attachments.settled(input.outboxIds)
  return done(null)
}
