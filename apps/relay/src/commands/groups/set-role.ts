import { objectionToSetRole, role as roles } from '../../domain/group-rules.ts'
import type { Role, Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { changeRole, loadActing, refuseGroup } from './group.ts'
import type { AboutMemberInput } from './remove-member.ts'

export interface SetRoleInput extends AboutMemberInput {
  readonly role: Role
}

/** The owner gives a member another role; who makes somebody owner becomes an admin. */
export function setRole(tx: Tx, input: SetRoleInput): Verdict<null> {
  const acting = loadActing(tx, input)
  if (typeof acting === 'string') return refuseGroup(acting)
  const { group, me, member } = acting
  const other = tx.users.byPublicId(input.otherId)
  const objection = objectionToSetRole(member.role, other?.id === me.id)
  if (objection !== undefined) return refuseGroup(objection)
  const stay = other && tx.members.get(group.id, other.id)
  if (other === undefined || stay === undefined) return refuseGroup('NOT_A_MEMBER')
  if (stay.role === input.role) return done(null)
  changeRole(tx, group, other, input.role)
  if (input.role === roles.owner) changeRole(tx, group, me, roles.admin)
  return done(null)
}
