import type { MemberRows } from '../../tx.ts'
import { mysqlStays } from './stays.ts'
import type { Work } from './work.ts'

/** Members and invitations in MariaDB. */
export function mysqlMembers(work: Work): MemberRows {
  return {
    ...mysqlStays(work),
    invitation: (conversation, user) =>
      work.one<{ invitedBy: number }>(
        'select invited_by as invitedBy from invitations where conversation = ? and user = ?',
        [conversation, user],
      ),
    countInvitations: (conversation) =>
      work.number('select count(*) as n from invitations where conversation = ?', [conversation]),
    countInvitationsOf: (user) =>
      work.number('select count(*) as n from invitations where user = ?', [user]),
    addInvitation(conversation, user, invitedBy) {
      work.hold(conversation)
      work.run(
        `insert into invitations (conversation, user, invited_by, created_at_ms)
         values (?, ?, ?, ?) on duplicate key update user = user`,
        [conversation, user, invitedBy, work.nowMs],
      )
    },
    removeInvitation(conversation, user) {
      work.hold(conversation)
      work.run('delete from invitations where conversation = ? and user = ?', [conversation, user])
    },
    removeInvitations(conversation) {
      work.hold(conversation)
      const rows = work.all<{ user: number }>(
        'select user from invitations where conversation = ? order by user',
        [conversation],
      )
      work.run('delete from invitations where conversation = ?', [conversation])
      return rows.map(({ user }) => user)
    },
  }
}
