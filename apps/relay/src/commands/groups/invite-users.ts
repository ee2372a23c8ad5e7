import { chat } from '@parley/proto'
import { contactState } from '../../domain/contact-rules.ts'
import { invite } from '../../domain/group-rules.ts'
import type { InviteOutcome } from '../../domain/group-rules.ts'
import type { ConversationRow, Tx, UserRow } from '../../store/tx.ts'
import { appendNotice } from '../server-entry.ts'
import { enter } from './group.ts'

/** What became of each who was named, by public id. */
export interface InvitedAnswer {
  readonly joined: readonly Uint8Array[]
  readonly invited: readonly Uint8Array[]
  readonly refused: readonly Uint8Array[]
}

/** Brings users into a group: contacts of the inviter at once, strangers by asking them. */
export function inviteUsers(
  tx: Tx,
  group: ConversationRow,
  inviter: UserRow,
  userIds: readonly Uint8Array[],
): InvitedAnswer {
  const answer = { joined: [], invited: [], refused: [] } as Record<
    keyof InvitedAnswer,
    Uint8Array[]
  >
  for (const userId of userIds) {
    const invitee = tx.users.byPublicId(userId)
    const outcome = invitee === undefined ? 'refused' : inviteOne(tx, group, inviter, invitee)
    answer[listOf[outcome]].push(userId)
  }
  return answer
}

const listOf = {
  member: 'joined',
  join: 'joined',
  ask: 'invited',
  asked: 'invited',
  refused: 'refused',
} as const

function inviteOne(
  tx: Tx,
  group: ConversationRow,
  inviter: UserRow,
  invitee: UserRow,
): InviteOutcome {
  if (invitee.disabled) return 'refused'
  const theirs = tx.contacts.get(invitee.id, inviter.id)
  const mine = tx.contacts.get(inviter.id, invitee.id)
  const facts = {
    isMember: tx.members.get(group.id, invitee.id) !== undefined,
    blocked: theirs?.blocked === true || mine?.blocked === true,
    isContact: theirs?.state === contactState.contact,
    isInvited: tx.members.invitation(group.id, invitee.id) !== undefined,
    groups: tx.members.countGroupsOf(invitee.id),
    invitations: tx.members.countInvitationsOf(invitee.id),
  }
  const counts = {
    members: tx.members.count(group.id),
    invitations: tx.members.countInvitations(group.id),
  }
  const outcome = invite(facts, counts)
  if (outcome === 'join') enter(tx, group, invitee)
  if (outcome === 'ask') ask(tx, group, inviter, invitee)
  return outcome
}

function ask(tx: Tx, group: ConversationRow, inviter: UserRow, invitee: UserRow): void {
  tx.members.addInvitation(group.id, invitee.id, inviter.id)
  const kind = chat.Notice_Kind.GROUP_INVITED
  appendNotice(tx, invitee, { kind, by: inviter, conversation: group })
}
