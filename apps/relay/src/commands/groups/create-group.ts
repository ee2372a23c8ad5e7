import { chat } from '@parley/proto'
import { limits } from '../../domain/limits.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendMembership } from '../server-entry.ts'
import { refuseGroup } from './group.ts'
import { inviteUsers } from './invite-users.ts'

export interface CreateGroupInput {
  readonly user: number
  readonly title: string
  readonly open: boolean
  /** Invited at once. */
  readonly userIds: readonly Uint8Array[]
}

/** Makes a group that its maker owns, and invites the first users. */
export function createGroup(
  tx: Tx,
  input: CreateGroupInput,
): Verdict<{ conversationId: Uint8Array; members: number }> {
  const me = tx.users.byId(input.user)
  if (me === undefined) return refuseGroup('USER_UNKNOWN')
  if (tx.members.countGroupsOf(me.id) >= limits.groups) return refuseGroup('GROUPS_FULL')
  const group = tx.conversations.insert(2, input.title, input.open)
  const change = chat.Membership_Change.CREATED
  const { OWNER: role } = chat.Role
  const seq = appendMembership(tx, group, { change, user: me, role, title: input.title })
  tx.members.add(group.id, me.id, 3, seq)
  inviteUsers(tx, group, me, input.userIds)
  return done({ conversationId: group.publicId, members: tx.members.count(group.id) })
}
