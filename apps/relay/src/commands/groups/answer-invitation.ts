import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { enter, refuseGroup, roomFor } from './group.ts'
import type { GroupInput } from './group.ts'

export interface AnswerInvitationInput extends GroupInput {
  readonly accept: boolean
}

/** Accepts or refuses an invitation; accepting what was accepted already changes nothing. */
export function answerInvitation(tx: Tx, input: AnswerInvitationInput): Verdict<null> {
  const group = tx.conversations.byPublicId(input.conversationId)
  const me = tx.users.byId(input.user)
  if (group === undefined || me === undefined || group.kind !== 2) {
    return refuseGroup('NO_INVITATION')
  }
  if (input.accept && tx.members.get(group.id, me.id) !== undefined) return done(null)
  if (tx.members.invitation(group.id, me.id) === undefined) return refuseGroup('NO_INVITATION')
  const objection = input.accept ? roomFor(tx, group, me) : undefined
  if (objection !== undefined) return refuseGroup(objection)
  if (input.accept) enter(tx, group, me)
  else tx.members.removeInvitation(group.id, me.id)
  return done(null)
}
