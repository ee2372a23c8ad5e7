import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { loadTwo, refuseContact, rowOf } from './pair.ts'
import type { OtherInput } from './pair.ts'

/** Ends a block; one that is not there stays so. */
export function unblockUser(tx: Tx, input: OtherInput): Verdict<null> {
  const two = loadTwo(tx, input)
  if (typeof two === 'string') return refuseContact(two)
  if (two.pair.blockedByMe) {
    tx.contacts.put(two.me.id, two.other.id, { ...rowOf(tx, two.me, two.other), blocked: false })
  }
  return done(null)
}
