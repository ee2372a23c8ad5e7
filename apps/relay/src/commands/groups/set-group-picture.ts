import { chat } from '@parley/proto'
import { objectionToSetPicture } from '../../domain/group-rules.ts'
import type { PictureRow } from '../../store/picture-rows.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendMembership } from '../server-entry.ts'
import { loadActing, refuseGroup } from './group.ts'
import type { GroupInput } from './group.ts'

export interface SetGroupPictureInput extends GroupInput {
  /** Undefined takes the picture away. */
  readonly picture: PictureRow | undefined
}

/** Gives a group another picture, or none. */
export function setGroupPicture(tx: Tx, input: SetGroupPictureInput): Verdict<null> {
  const acting = loadActing(tx, input)
  if (typeof acting === 'string') return refuseGroup(acting)
  const { group, member } = acting
  const objection = objectionToSetPicture(member.role)
  if (objection !== undefined) return refuseGroup(objection)
  const { picture } = input
  if (!tx.pictures.set(2, group, picture)) return done(null)
  appendMembership(tx, group, { change: chat.Membership_Change.PICTURE, picture })
  return done(null)
}
