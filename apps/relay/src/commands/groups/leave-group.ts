import { chat } from '@parley/proto'
import { role, successor } from '../../domain/group-rules.ts'
import type { ConversationRow, Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendMembership } from '../server-entry.ts'
import { changeRole, endGroup, loadActing, refuseGroup } from './group.ts'
import type { GroupInput } from './group.ts'

/** Leaves a group; an owner hands it on, and the last member ends it. */
export function leaveGroup(tx: Tx, input: GroupInput): Verdict<null> {
  const acting = loadActing(tx, input)
  if (typeof acting === 'string') return refuseGroup(acting)
  const { group, me, member } = acting
  const seq = appendMembership(tx, group, { change: chat.Membership_Change.LEFT, user: me })
  tx.members.end(group.id, me.id, seq)
  if (member.role === role.owner) handOn(tx, group)
  return done(null)
}

function handOn(tx: Tx, group: ConversationRow): void {
  const heir = successor(tx.members.list(group.id))
  const user = heir && tx.users.byId(heir.user)
  if (user !== undefined) {
    changeRole(tx, group, user, role.owner)
    return
  }
  endGroup(tx, group)
}
