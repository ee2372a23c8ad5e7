import { block } from '../../domain/contact-rules.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { loadTwo, refuseContact, rowOf, takeStep } from './pair.ts'
import type { OtherInput } from './pair.ts'

/** From now on the other's messages, requests and invitations are refused. */
export function blockUser(tx: Tx, input: OtherInput): Verdict<null> {
  const two = loadTwo(tx, input)
  if (typeof two === 'string') return refuseContact(two)
  const step = block(two.pair, tx.contacts.counts(two.me.id))
  if (typeof step === 'string') return refuseContact(step)
  takeStep(tx, two, step)
  tx.contacts.put(two.me.id, two.other.id, { ...rowOf(tx, two.me, two.other), blocked: true })
  return done(null)
}
