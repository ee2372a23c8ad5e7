import { chat } from '@parley/proto'
import { objectionToRename } from '../../domain/group-rules.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendMembership } from '../server-entry.ts'
import { loadActing, refuseGroup } from './group.ts'
import type { GroupInput } from './group.ts'

export interface RenameInput extends GroupInput {
  readonly title: string
}

/** Gives a group another title. */
export function renameGroup(tx: Tx, input: RenameInput): Verdict<null> {
  const acting = loadActing(tx, input)
  if (typeof acting === 'string') return refuseGroup(acting)
  const { group, member } = acting
  const objection = objectionToRename(member.role)
  if (objection !== undefined) return refuseGroup(objection)
  if (group.title === input.title) return done(null)
  tx.conversations.setTitle(group.id, input.title)
  appendMembership(tx, group, { change: chat.Membership_Change.RENAMED, title: input.title })
  return done(null)
}
