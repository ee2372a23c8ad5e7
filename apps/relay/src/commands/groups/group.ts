import { chat } from '@parley/proto'
import { groupReasons, objectionToJoin } from '../../domain/group-rules.ts'
import type { GroupReason } from '../../domain/group-rules.ts'
import type { ConversationRow, MemberRow, Role, Tx, UserRow } from '../../store/tx.ts'
import { refuse } from '../script.ts'
import type { Refusal } from '../script.ts'
import { appendMembership } from '../server-entry.ts'

/** A command about a group. */
export interface GroupInput {
  readonly user: number
  readonly conversationId: Uint8Array
}

/** A group that goes on, and the member who acts. */
export interface Acting {
  readonly group: ConversationRow
  readonly me: UserRow
  readonly member: MemberRow
}

/** The group and the acting member; a group that the user is not in looks like none. */
export function loadActing(tx: Tx, input: GroupInput): Acting | GroupReason {
  const group = tx.conversations.byPublicId(input.conversationId)
  const me = tx.users.byId(input.user)
  if (group === undefined || me === undefined || group.kind !== 2) return 'GROUP_UNKNOWN'
  const member = tx.members.get(group.id, me.id)
  if (member === undefined) return 'GROUP_UNKNOWN'
  return group.dissolved ? 'DISSOLVED' : { group, me, member }
}

/** Makes somebody a member, from the entry that says so. */
export function enter(tx: Tx, group: ConversationRow, user: UserRow, role: Role = 1): void {
  const seq = appendMembership(tx, group, {
    change: chat.Membership_Change.JOINED,
    user,
    role,
  })
  tx.members.removeInvitation(group.id, user.id)
  tx.members.add(group.id, user.id, role, seq)
}

/** Is there room for one more, in the group and in the user's list of groups? */
export function roomFor(tx: Tx, group: ConversationRow, user: UserRow): GroupReason | undefined {
  return objectionToJoin(tx.members.countGroupsOf(user.id), tx.members.count(group.id))
}

/** Did the user's last stay end by being removed? Its last entry says how it ended. */
export function wasRemoved(tx: Tx, group: ConversationRow, user: UserRow): boolean {
  const leftSeq = tx.members.lastLeft(group.id, user.id)
  const entry = leftSeq === 0 ? undefined : tx.log.entry(group.id, leftSeq)
  if (entry === undefined) return false
  const { content } = chat.Entry.decode(entry).content ?? {}
  return content?.$case === 'membership' && content.value.change === chat.Membership_Change.REMOVED
}

/** Gives a member another role and says so in the log. */
export function changeRole(tx: Tx, group: ConversationRow, user: UserRow, role: Role): void {
  tx.members.setRole(group.id, user.id, role)
  appendMembership(tx, group, { change: chat.Membership_Change.ROLE, user, role })
}

/**
 * Ends a group: nobody writes any more, invitations are void, the picture is let go. Tells who was
 * invited.
 */
export function endGroup(tx: Tx, group: ConversationRow): readonly number[] {
  appendMembership(tx, group, { change: chat.Membership_Change.DISSOLVED })
  tx.conversations.setDissolved(group.id)
  tx.pictures.set(2, group, undefined)
  return tx.members.removeInvitations(group.id)
}

/** The refusal for a reason. */
export function refuseGroup(reason: GroupReason): Refusal {
  return refuse(reason, groupReasons[reason])
}
