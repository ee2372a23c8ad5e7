import { request } from '../../domain/contact-rules.ts'
import type { State } from '../../domain/contact-rules.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { loadTwo, refuseContact, takeStep } from './pair.ts'
import type { OtherInput } from './pair.ts'

export interface RequestContactInput extends OtherInput {
  /** Words that come with the request. */
  readonly text: string
}

/** Asks somebody to become a contact; two who ask each other are contacts. */
export function requestContact(tx: Tx, input: RequestContactInput): Verdict<{ state: State }> {
  const two = loadTwo(tx, input)
  if (typeof two === 'string') return refuseContact(two)
  if (two.other.disabled) return refuseContact('USER_UNKNOWN')
  const step = request(two.pair, tx.contacts.counts(two.me.id), tx.contacts.counts(two.other.id))
  if (typeof step === 'string') return refuseContact(step)
  takeStep(tx, two, step, step.tell === 'requested' ? input.text : '')
  return done({ state: step.mine })
}
