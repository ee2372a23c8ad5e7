import { chat } from '@parley/proto'
import { contactReasons } from '../../domain/contact-rules.ts'
import type { ContactReason, ContactStep, Pair } from '../../domain/contact-rules.ts'
import type { ContactRow, Tx, UserRow } from '../../store/tx.ts'
import { refuse } from '../script.ts'
import type { Refusal } from '../script.ts'
import { appendNotice } from '../server-entry.ts'

/** A command about another user. */
export interface OtherInput {
  readonly user: number
  readonly otherId: Uint8Array
}

/** Two users, one of whom acts. */
export interface Two {
  readonly me: UserRow
  readonly other: UserRow
  readonly pair: Pair
}

const noRow: ContactRow = { state: 1, blocked: false, remark: '', team: '', requestText: '' }

const noticeKinds = {
  requested: chat.Notice_Kind.CONTACT_REQUESTED,
  accepted: chat.Notice_Kind.CONTACT_ACCEPTED,
  refused: chat.Notice_Kind.CONTACT_REFUSED,
  removed: chat.Notice_Kind.CONTACT_REMOVED,
} as const

/** Loads both users, or tells why there are no two. A disabled user can still be taken away. */
export function loadTwo(tx: Tx, input: OtherInput): Two | ContactReason {
  const me = tx.users.byId(input.user)
  const other = tx.users.byPublicId(input.otherId)
  if (me === undefined || other === undefined) return 'USER_UNKNOWN'
  if (me.id === other.id) return 'SELF'
  const [mine, theirs] = [rowOf(tx, me, other), rowOf(tx, other, me)]
  const blocks = { blockedByMe: mine.blocked, blockedByThem: theirs.blocked }
  return { me, other, pair: { mine: mine.state, theirs: theirs.state, ...blocks } }
}

/** How one user sees another. */
export function rowOf(tx: Tx, user: UserRow, other: UserRow): ContactRow {
  return tx.contacts.get(user.id, other.id) ?? noRow
}

/** Writes what follows from an action, and tells the other. */
export function takeStep(tx: Tx, { me, other, pair }: Two, step: ContactStep, text = ''): void {
  if (step.mine !== pair.mine || step.theirs !== pair.theirs) {
    const [mine, theirs] = [rowOf(tx, me, other), rowOf(tx, other, me)]
    tx.contacts.put(me.id, other.id, { ...mine, state: step.mine, requestText: '' })
    tx.contacts.put(other.id, me.id, { ...theirs, state: step.theirs, requestText: text })
  }
  if (step.tell === undefined) return
  appendNotice(tx, other, { kind: noticeKinds[step.tell], by: me, text })
}

/** The refusal for a reason. */
export function refuseContact(reason: ContactReason): Refusal {
  return refuse(reason, contactReasons[reason])
}
