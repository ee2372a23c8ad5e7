import type { MemberRow, MemberRows, Role } from '../../tx.ts'
import { stayColumns, stayOf } from '../batch/rows.ts'
import { pairKey } from '../batch/working-set.ts'
import type { StayRow } from '../batch/working-set.ts'
import type { Work } from './work.ts'

type Stays = Omit<
  MemberRows,
  | 'invitation'
  | 'countInvitations'
  | 'countInvitationsOf'
  | 'addInvitation'
  | 'removeInvitation'
  | 'removeInvitations'
>

const isNow = 'conversation = ? and user = ? and left_seq is null'

/** Stays in MariaDB: they change only while their conversation is held. */
export function mysqlStays(work: Work): Stays {
  const presentOf = (conversation: number, user: number) =>
    staysOf(work, conversation, user).find(({ leftSeq }) => leftSeq === undefined)
  const changed = (conversation: number, user: number) =>
    void work.known.stays.delete(pairKey(conversation, user))
  return {
    ...counts(work),
    get: (conversation, user) => member(presentOf(conversation, user)),
    maySee: (conversation, user, seq) =>
      staysOf(work, conversation, user).some(
        ({ joinedSeq, leftSeq }) => joinedSeq <= seq && (leftSeq ?? seq) >= seq,
      ),
    lastLeft: (conversation, user) =>
      Math.max(0, ...staysOf(work, conversation, user).map(({ leftSeq }) => leftSeq ?? 0)),
    add: (conversation, user, role, joinedSeq) => {
      work.hold(conversation)
      add(work, { conversation, user, role, joinedSeq })
      changed(conversation, user)
      work.effects.stays.push({ conversation, user, joinedSeq, leftSeq: 0 })
    },
    end(conversation, user, leftSeq) {
      work.hold(conversation)
      const joinedSeq = presentOf(conversation, user)?.joinedSeq
      if (joinedSeq === undefined) return
      work.run(`update members set left_seq = ? where ${isNow}`, [leftSeq, conversation, user])
      changed(conversation, user)
      work.effects.stays.push({ conversation, user, joinedSeq, leftSeq })
    },
    setRole(conversation, user, role) {
      work.hold(conversation)
      work.run(`update members set role = ? where ${isNow}`, [role, conversation, user])
      changed(conversation, user)
    },
  }
}

function counts(work: Work): Pick<Stays, 'list' | 'count' | 'countGroupsOf'> {
  return {
    list(conversation) {
      const sql = `select ${stayColumns} from members where conversation = ? and left_seq is null
        order by joined_seq, user`
      const rows = work.all(sql, [conversation])
      return rows.map(stayOf).map(({ user, role, joinedSeq, joinedAtMs }) => {
        return { user, role, joinedSeq, joinedAtMs }
      })
    },
    count: (conversation) =>
      work.number('select count(*) as n from members where conversation = ? and left_seq is null', [
        conversation,
      ]),
    countGroupsOf: (user) =>
      work.number(
        `select count(*) as n from members m join conversations c on c.id = m.conversation
         where m.user = ? and m.left_seq is null and c.kind = 2 and c.dissolved = 0`,
        [user],
      ),
  }
}

function staysOf(work: Work, conversation: number, user: number): readonly StayRow[] {
  const key = pairKey(conversation, user)
  const known = work.known.stays.get(key)
  if (known !== undefined) return known
  const sql = `select ${stayColumns} from members where conversation = ? and user = ?
    order by joined_seq`
  const found = work.all(sql, [conversation, user]).map(stayOf)
  work.known.stays.set(key, found)
  return found
}

interface NewStay {
  readonly conversation: number
  readonly user: number
  readonly role: Role
  readonly joinedSeq: number
}

function add(work: Work, { conversation, user, role, joinedSeq }: NewStay): void {
  work.run(
    `insert into members (conversation, user, joined_seq, role, joined_at_ms)
     values (?, ?, ?, ?, ?)`,
    [conversation, user, joinedSeq, role, work.nowMs],
  )
}

function member(stay: StayRow | undefined): MemberRow | undefined {
  if (stay === undefined) return undefined
  const { user, role, joinedSeq, joinedAtMs } = stay
  return { user, role, joinedSeq, joinedAtMs }
}
