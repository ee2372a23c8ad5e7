import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { loadActing, refuseGroup } from './group.ts'
import type { GroupInput } from './group.ts'
import { inviteUsers } from './invite-users.ts'
import type { InvitedAnswer } from './invite-users.ts'

export interface InviteInput extends GroupInput {
  readonly userIds: readonly Uint8Array[]
}

/** Any member invites users. */
export function inviteToGroup(tx: Tx, input: InviteInput): Verdict<InvitedAnswer> {
  const acting = loadActing(tx, input)
  if (typeof acting === 'string') return refuseGroup(acting)
  return done(inviteUsers(tx, acting.group, acting.me, input.userIds))
}
