import { chat } from '@parley/proto'
import { objectionToDissolve } from '../../domain/group-rules.ts'
import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendNotice } from '../server-entry.ts'
import { endGroup, loadActing, refuseGroup } from './group.ts'
import type { GroupInput } from './group.ts'

/**
 * Ends a group; its members can still read the log, what it carries is let go soon after, and open
 * invitations are void.
 */
export function dissolveGroup(tx: Tx, input: GroupInput): Verdict<null> {
  const acting = loadActing(tx, input)
  if (typeof acting === 'string') return refuseGroup(acting)
  const { group, me, member } = acting
  const objection = objectionToDissolve(member.role)
  if (objection !== undefined) return refuseGroup(objection)
  // Members read it in the log; those who were only invited see no log.
  for (const invited of endGroup(tx, group)) {
    const user = tx.users.byId(invited)
    const kind = chat.Notice_Kind.GROUP_DISSOLVED
    if (user !== undefined) appendNotice(tx, user, { kind, by: me, conversation: group })
  }
  return done(null)
}
