import { contactState } from '../../domain/contact-rules.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { loadTwo, refuseContact, rowOf } from './pair.ts'
import type { OtherInput } from './pair.ts'

export interface SetRemarkInput extends OtherInput {
  /** Undefined leaves it as it is. */
  readonly remark: string | undefined
  readonly team: string | undefined
}

/** Gives a contact the user's own name and group of contacts. */
export function setRemark(tx: Tx, input: SetRemarkInput): Verdict<null> {
  const two = loadTwo(tx, input)
  if (typeof two === 'string') return refuseContact(two)
  if (two.pair.mine !== contactState.contact) return refuseContact('NOT_A_CONTACT')
  const row = rowOf(tx, two.me, two.other)
  const [remark, team] = [input.remark ?? row.remark, input.team ?? row.team]
  tx.contacts.put(two.me.id, two.other.id, { ...row, remark, team })
  return done(null)
}
