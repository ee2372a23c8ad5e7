import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { enter, refuseGroup, roomFor, wasRemoved } from './group.ts'
import type { GroupInput } from './group.ts'

/** Joins an open group, or accepts an invitation; a member stays one. Who was removed must be invited. */
export function joinGroup(tx: Tx, input: GroupInput): Verdict<null> {
  const group = tx.conversations.byPublicId(input.conversationId)
  const me = tx.users.byId(input.user)
  if (group === undefined || me === undefined || group.kind !== 2) {
    return refuseGroup('GROUP_UNKNOWN')
  }
  if (tx.members.get(group.id, me.id) !== undefined) return done(null)
  const isInvited = tx.members.invitation(group.id, me.id) !== undefined
  const isWelcome = isInvited || (group.open && !wasRemoved(tx, group, me))
  if (!isWelcome || group.dissolved) return refuseGroup('GROUP_UNKNOWN')
  const objection = roomFor(tx, group, me)
  if (objection !== undefined) return refuseGroup(objection)
  enter(tx, group, me)
  return done(null)
}
