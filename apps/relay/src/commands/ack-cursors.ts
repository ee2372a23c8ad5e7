import type { Tx } from '../store/tx.ts'
import { done } from './script.ts'
import type { Verdict } from './script.ts'

export interface AckInput {
  readonly device: number
  readonly user: number
  /** What the device has stored: conversation and seq, flat, two numbers each. */
  readonly marks: readonly number[]
}

/** Moves a device's delivered cursors forward; what goes back is ignored. */
export function ackCursors(tx: Tx, input: AckInput): Verdict<null> {
  for (let i = 0; i + 1 < input.marks.length; i += 2) {
    const [conversation = 0, seq = 0] = input.marks.slice(i, i + 2)
    tx.marks.delivered(input.device, conversation, seq)
  }
  return done(null)
}
