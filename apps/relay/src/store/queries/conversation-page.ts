import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'
import type { Tables } from '../tables.ts'

/** Unread entries are counted up to so many. */
const maxUnread = 1_000
/** Only among so many of the newest entries are unread ones counted. */
const unreadWindow = 5_000

export interface ConversationPageArgs {
  readonly user: number
  readonly limit: number
  /** Only conversations whose newest entry is older than this message; 0 for all. */
  readonly beforeMessage: number
}

/** A conversation as its list shows it. */
export interface ConversationLine {
  readonly publicId: Uint8Array
  readonly epoch: number
  readonly kind: number
  readonly title: string
  readonly dissolved: number
  /** 0 while the user is a member. */
  readonly leftSeq: number
  /** The newest entry that the user may see, its message and its bytes. */
  readonly headSeq: number
  readonly message: number
  readonly entry: Uint8Array
  readonly readSeq: number
  readonly unread: number
  readonly peerId: Uint8Array | null
  readonly peerName: string | null
}

type Line = Omit<ConversationLine, 'unread'> & {
  readonly conversation: number
  readonly joinedSeq: number
}

/** A user's conversations that hold something, the one with the newest entry first. */
export async function conversationPage(
  db: Kysely<Tables>,
  args: ConversationPageArgs,
): Promise<ConversationLine[]> {
  const lines = await linesOf(db, args)
  const unread = await unreadOf(db, args.user, lines)
  return lines.map(({ conversation, joinedSeq: _, ...line }) => ({
    ...line,
    unread: unread.get(conversation) ?? 0,
  }))
}

// Of one who left and returned only the latest stay counts.
async function linesOf(
  db: Kysely<Tables>,
  { user, limit, beforeMessage }: ConversationPageArgs,
): Promise<Line[]> {
  const found = await sql<Line>`
    select c.id as conversation, c.public_id as publicId, c.epoch as epoch, c.kind as kind,
      c.title as title, c.dissolved as dissolved, m.joinedSeq as joinedSeq,
      coalesce(m.leftSeq, 0) as leftSeq, m.headSeq as headSeq,
      m.message as message, m.entry as entry, coalesce(r.seq, 0) as readSeq,
      p.public_id as peerId, p.name as peerName
    from (${pageOf(user, beforeMessage, limit)}) m
    join conversations c on c.id = m.conversation
    left join ${sql.table('reads')} r on r.user = ${user} and r.conversation = c.id
    left join directs d on d.conversation = c.id
    left join users p on p.id = case when d.low = ${user} then d.high else d.low end
    order by m.message desc`.execute(db)
  return found.rows
}

// What others said is unread, and notices are. Each part stops at the most that is counted.
async function unreadOf(
  db: Kysely<Tables>,
  user: number,
  lines: readonly Line[],
): Promise<Map<number, number>> {
  const parts = lines.flatMap(({ conversation, joinedSeq, headSeq, readSeq }) => {
    const after = Math.max(readSeq, joinedSeq - 1, headSeq - unreadWindow)
    if (after >= headSeq) return []
    const counted = sql`select 1 as one from messages
      where conversation = ${conversation} and seq > ${after} and seq <= ${headSeq}
      and sender != ${user} and kind in (1, 2, 3, 4, 8, 10, 11) limit ${maxUnread}`
    return [
      sql`select ${sql.lit(conversation)} as conversation, count(*) as unread from (${counted}) counted`,
    ]
  })
  if (parts.length === 0) return new Map()
  type Counted = { readonly conversation: number; readonly unread: number }
  const found = await sql<Counted>`${sql.join(parts, sql` union all `)}`.execute(db)
  return new Map(found.rows.map(({ conversation, unread }) => [conversation, unread]))
}

function pageOf(user: number, beforeMessage: number, limit: number): RawBuilder<unknown> {
  return sql`
    select stay.conversation as conversation, stay.joined_seq as joinedSeq,
      stay.left_seq as leftSeq, last.seq as headSeq, last.id as message, last.entry as entry
    from members stay
    join messages last on last.conversation = stay.conversation
      and last.seq = coalesce(stay.left_seq, (select seq from messages
        where conversation = stay.conversation order by seq desc limit 1))
    where stay.user = ${user} and not exists (select 1 from members later
      where later.conversation = stay.conversation and later.user = stay.user
      and later.joined_seq > stay.joined_seq)
    and (${beforeMessage} = 0 or last.id < ${beforeMessage})
    order by last.id desc
    limit ${limit}`
}
