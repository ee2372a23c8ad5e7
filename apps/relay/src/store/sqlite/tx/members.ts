import type { Stay } from '../../journal.ts'
import type { MemberRow, MemberRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

const columns = 'user, role, joined_seq as joinedSeq, joined_at_ms as joinedAtMs'

/** Members in SQLite; stays that begin or end are told to `changed`. */
export function sqliteMembers(
  db: Sqlite,
  nowMs: () => number,
  changed: (stay: Stay) => void,
): MemberRows {
  const stays = stayStatements(db)
  return {
    get: (conversation, user) => stays.get.get(conversation, user),
    list: (conversation) => stays.list.all(conversation),
    count: (conversation) => stays.count.get(conversation) ?? 0,
    countGroupsOf: (user) => stays.countGroupsOf.get(user) ?? 0,
    maySee: (conversation, user, seq) =>
      stays.maySee.get(conversation, user, seq, seq) !== undefined,
    lastLeft: (conversation, user) => stays.lastLeft.get(conversation, user) ?? 0,
    add(conversation, user, role, joinedSeq) {
      stays.add.run(conversation, user, joinedSeq, role, nowMs())
      changed({ conversation, user, joinedSeq, leftSeq: 0 })
    },
    end(conversation, user, leftSeq) {
      const joinedSeq = stays.get.get(conversation, user)?.joinedSeq
      if (joinedSeq === undefined) return
      stays.end.run(leftSeq, conversation, user)
      changed({ conversation, user, joinedSeq, leftSeq })
    },
    setRole: (conversation, user, role) => void stays.setRole.run(role, conversation, user),
    ...invitations(db, nowMs),
  }
}

function stayStatements(db: Sqlite) {
  const now = 'conversation = ? and user = ? and left_seq is null'
  return {
    get: db.prepare<[number, number], MemberRow>(`select ${columns} from members where ${now}`),
    list: db.prepare<[number], MemberRow>(
      `select ${columns} from members where conversation = ? and left_seq is null
       order by joined_seq, user`,
    ),
    count: db
      .prepare<[number], number>(
        'select count(*) from members where conversation = ? and left_seq is null',
      )
      .pluck(),
    countGroupsOf: db
      .prepare<[number], number>(
        `select count(*) from members m join conversations c on c.id = m.conversation
         where m.user = ? and m.left_seq is null and c.kind = 2 and c.dissolved = 0`,
      )
      .pluck(),
    maySee: db.prepare<[number, number, number, number], { found: 1 }>(
      `select 1 as found from members where conversation = ? and user = ? and joined_seq <= ?
       and (left_seq is null or left_seq >= ?) limit 1`,
    ),
    lastLeft: db
      .prepare<[number, number], number | null>(
        'select max(left_seq) from members where conversation = ? and user = ?',
      )
      .pluck(),
    add: db.prepare(
      `insert into members (conversation, user, joined_seq, role, joined_at_ms)
       values (?, ?, ?, ?, ?)`,
    ),
    end: db.prepare(`update members set left_seq = ? where ${now}`),
    setRole: db.prepare(`update members set role = ? where ${now}`),
  }
}

type Invitations = Pick<
  MemberRows,
  | 'invitation'
  | 'countInvitations'
  | 'countInvitationsOf'
  | 'addInvitation'
  | 'removeInvitation'
  | 'removeInvitations'
>

function invitations(db: Sqlite, nowMs: () => number): Invitations {
  const get = db.prepare<[number, number], { invitedBy: number }>(
    'select invited_by as invitedBy from invitations where conversation = ? and user = ?',
  )
  const count = db
    .prepare<[number], number>('select count(*) from invitations where conversation = ?')
    .pluck()
  const countOf = db
    .prepare<[number], number>('select count(*) from invitations where user = ?')
    .pluck()
  const add = db.prepare(
    `insert into invitations (conversation, user, invited_by, created_at_ms) values (?, ?, ?, ?)
     on conflict (conversation, user) do nothing`,
  )
  const remove = db.prepare('delete from invitations where conversation = ? and user = ?')
  const removeAll = db
    .prepare<[number], number>('delete from invitations where conversation = ? returning user')
    .pluck()
  return {
    invitation: (conversation, user) => get.get(conversation, user),
    countInvitations: (conversation) => count.get(conversation) ?? 0,
    countInvitationsOf: (user) => countOf.get(user) ?? 0,
    addInvitation: (conversation, user, invitedBy) =>
      void add.run(conversation, user, invitedBy, nowMs()),
    removeInvitation: (conversation, user) => void remove.run(conversation, user),
    removeInvitations: (conversation) => removeAll.all(conversation),
  }
}
