import { answer } from '../../domain/contact-rules.ts'
import type { State } from '../../domain/contact-rules.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { loadTwo, refuseContact, takeStep } from './pair.ts'
import type { OtherInput } from './pair.ts'

export interface AnswerContactInput extends OtherInput {
  readonly accept: boolean
}

/** Accepts or refuses somebody's request. */
export function answerContact(tx: Tx, input: AnswerContactInput): Verdict<{ state: State }> {
  const two = loadTwo(tx, input)
  if (typeof two === 'string') return refuseContact(two)
  const step = answer(two.pair, input.accept, tx.contacts.counts(two.me.id))
  if (typeof step === 'string') return refuseContact(step)
  takeStep(tx, two, step)
  return done({ state: step.mine })
}
