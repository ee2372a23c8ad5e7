import { chat } from '@parley/proto'
import { objectionToRemove, role } from '../../domain/group-rules.ts'
import type { Tx, UserRow } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendMembership, appendNotice } from '../server-entry.ts'
import { loadActing, refuseGroup } from './group.ts'
import type { Acting, GroupInput } from './group.ts'

export interface AboutMemberInput extends GroupInput {
  readonly otherId: Uint8Array
}

/** Removes a member, or takes an invitation back. */
export function removeMember(tx: Tx, input: AboutMemberInput): Verdict<null> {
  const acting = loadActing(tx, input)
  if (typeof acting === 'string') return refuseGroup(acting)
  const other = tx.users.byPublicId(input.otherId)
  if (other === undefined) return refuseGroup('NOT_A_MEMBER')
  if (other.id === acting.me.id) return refuseGroup('SELF')
  const { group, member } = acting
  const stay = tx.members.get(group.id, other.id)
  const isInvited = tx.members.invitation(group.id, other.id) !== undefined
  const objection = objectionToRemove(member.role, stay?.role ?? role.member)
  if (objection !== undefined) return refuseGroup(objection)
  if (stay === undefined && !isInvited) return refuseGroup('NOT_A_MEMBER')
  if (stay === undefined) tx.members.removeInvitation(group.id, other.id)
  else expel(tx, acting, other)
  return done(null)
}

// The one who is removed sees the entry that says so, and nothing after it.
function expel(tx: Tx, { group, me }: Acting, other: UserRow): void {
  const change = chat.Membership_Change.REMOVED
  const seq = appendMembership(tx, group, { change, user: other })
  tx.members.end(group.id, other.id, seq)
  const kind = chat.Notice_Kind.GROUP_REMOVED
  appendNotice(tx, other, { kind, by: me, conversation: group })
}
