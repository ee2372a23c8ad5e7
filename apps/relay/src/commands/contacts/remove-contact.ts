import { remove } from '../../domain/contact-rules.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { loadTwo, refuseContact, takeStep } from './pair.ts'
import type { OtherInput } from './pair.ts'

/** Ends being contacts, or takes back a request; the conversation stays. */
export function removeContact(tx: Tx, input: OtherInput): Verdict<null> {
  const two = loadTwo(tx, input)
  if (typeof two === 'string') return refuseContact(two)
  const step = remove(two.pair)
  if (typeof step === 'string') return refuseContact(step)
  takeStep(tx, two, step)
  return done(null)
}
