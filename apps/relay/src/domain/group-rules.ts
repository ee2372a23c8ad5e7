import { limits } from './limits.ts'

/** As Role on the wire. */
export const role = { member: 1, admin: 2, owner: 3 } as const

export type Role = 1 | 2 | 3

/** Why a change of a group is refused, with the sentence that people see. */
export const groupReasons = {
  GROUP_UNKNOWN: 'There is no such group, or you are not a member.',
  USER_UNKNOWN: 'There is no such user.',
  DISSOLVED: 'This group was dissolved.',
  NO_INVITATION: 'You are not invited to such a group.',
  NOT_A_MEMBER: 'This user is not a member of the group.',
  ADMINS_ONLY: 'Only admins and the owner can do this.',
  OWNER_ONLY: 'Only the owner can do this.',
  SELF: 'This cannot be done with yourself.',
  GROUPS_FULL: `You can be in ${limits.groups} groups at most.`,
  GROUP_FULL: `A group has ${limits.members} members at most.`,
} as const

export type GroupReason = keyof typeof groupReasons

/** What is known of somebody who is to be invited. */
export interface InviteeFacts {
  readonly isMember: boolean
  readonly blocked: boolean
  /** The invitee has the inviter among the contacts. */
  readonly isContact: boolean
  readonly isInvited: boolean
  readonly groups: number
  readonly invitations: number
}

/** How full a group is. */
export interface GroupCounts {
  readonly members: number
  readonly invitations: number
}

/** What becomes of an invitation: a contact joins at once, a stranger is asked first. */
export type InviteOutcome = 'member' | 'join' | 'ask' | 'asked' | 'refused'

/** What becomes of inviting somebody. */
export function invite(invitee: InviteeFacts, group: GroupCounts): InviteOutcome {
  if (invitee.isMember) return 'member'
  if (invitee.blocked) return 'refused'
  if (invitee.isContact) {
    return objectionToJoin(invitee.groups, group.members) === undefined ? 'join' : 'refused'
  }
  if (invitee.isInvited) return 'asked'
  const full =
    group.invitations >= limits.invitations || invitee.invitations >= limits.invitationsOfUser
  return full ? 'refused' : 'ask'
}

/** Is there room, in the group and in the user's list of groups? */
export function objectionToJoin(groups: number, members: number): GroupReason | undefined {
  if (groups >= limits.groups) return 'GROUPS_FULL'
  return members >= limits.members ? 'GROUP_FULL' : undefined
}

/** May this member remove that one? Admins remove members, the owner removes anyone. */
export function objectionToRemove(actor: Role, target: Role): GroupReason | undefined {
  if (actor === role.owner) return undefined
  if (actor === role.member) return 'ADMINS_ONLY'
  return target === role.member ? undefined : 'OWNER_ONLY'
}

/** May this member give roles? */
export function objectionToSetRole(actor: Role, isSelf: boolean): GroupReason | undefined {
  if (actor !== role.owner) return 'OWNER_ONLY'
  return isSelf ? 'SELF' : undefined
}

/** May this member give the group another title? */
export function objectionToRename(actor: Role): GroupReason | undefined {
  return actor === role.member ? 'ADMINS_ONLY' : undefined
}

/** May this member give the group another picture? */
export function objectionToSetPicture(actor: Role): GroupReason | undefined {
  return actor === role.member ? 'ADMINS_ONLY' : undefined
}

/** May this member end the group? */
export function objectionToDissolve(actor: Role): GroupReason | undefined {
  return actor === role.owner ? undefined : 'OWNER_ONLY'
}

/** Who owns the group when its owner leaves: the longest-serving admin, else member. */
export function successor<Member extends { readonly role: Role }>(
  longestServingFirst: readonly Member[],
): Member | undefined {
  const admin = longestServingFirst.find((member) => member.role === role.admin)
  return admin ?? longestServingFirst[0]
}
