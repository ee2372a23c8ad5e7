import type { Tx } from '../store/tx.ts'
import { done } from './script.ts'
import type { Verdict } from './script.ts'

export interface AckInput {
  /** What devices have stored: device, conversation and seq, flat, three numbers each. */
  readonly marks: readonly number[]
}

/** Moves delivered cursors forward; what goes back is ignored. */
export function ackCursors(tx: Tx, { marks }: AckInput): Verdict<null> {
  for (let i = 0; i + 2 < marks.length; i += 3) {
    tx.marks.delivered(marks[i] ?? 0, marks[i + 1] ?? 0, marks[i + 2] ?? 0)
  }
  return done(null)
}
