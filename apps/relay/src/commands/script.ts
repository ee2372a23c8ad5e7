import type { Tx } from '../store/tx.ts'

/** What a command came to: its answer, or a refusal that stored nothing. */
export type Verdict<Answer> =
  { readonly ok: true; readonly answer: Answer; readonly duplicate?: boolean } | Refusal

/** A final no: `reason` is stable (docs/protocol.md), `message` is one sentence for people. */
export interface Refusal {
  readonly ok: false
  readonly reason: string
  readonly message: string
}

/**
 * A command inside the batch transaction. It loads, decides, and only then writes; so a refusal has
 * written nothing. Input and answer are plain data: both cross a thread.
 */
export type Script<Input, Answer> = (tx: Tx, input: Input) => Verdict<Answer>

/** The verdict of a command that was carried out. */
export function done<Answer>(answer: Answer): Verdict<Answer> {
  return { ok: true, answer }
}

/** The verdict of a command that changes nothing, now or when repeated. */
export function refuse(reason: string, message: string): Refusal {
  return { ok: false, reason, message }
}
