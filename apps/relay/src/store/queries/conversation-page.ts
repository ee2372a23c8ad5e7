import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Unread entries are counted up to so many. */
export const maxUnread = 1_000

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

/** A user's conversations that hold something, the one with the newest entry first. */
export async function conversationPage(
  db: Kysely<Tables>,
  { user, limit, beforeMessage }: ConversationPageArgs,
): Promise<ConversationLine[]> {
  // Of one who left and returned only the latest stay counts. What others said is unread, and notices are.
  const found = await sql<ConversationLine>`
    select c.public_id as publicId, c.epoch as epoch, c.kind as kind, c.title as title,
      c.dissolved as dissolved, coalesce(m.left_seq, 0) as leftSeq, last.seq as headSeq,
      last.id as message, last.entry as entry, coalesce(r.seq, 0) as readSeq,
      (select count(*) from (select 1 from messages u where u.conversation = c.id
        and u.seq > coalesce(r.seq, 0) and u.seq >= m.joined_seq and u.seq <= last.seq
        and u.sender != ${user} and u.kind in (1, 2, 3, 4, 8) limit ${maxUnread})) as unread,
      p.public_id as peerId, p.name as peerName
    from members m
    join conversations c on c.id = m.conversation
    join messages last on last.conversation = m.conversation and last.seq = coalesce(m.left_seq,
      (select max(seq) from messages where conversation = m.conversation))
    left join reads r on r.user = m.user and r.conversation = m.conversation
    left join directs d on d.conversation = m.conversation
    left join users p on p.id = case when d.low = ${user} then d.high else d.low end
    where m.user = ${user} and not exists (select 1 from members later
      where later.conversation = m.conversation and later.user = m.user
      and later.joined_seq > m.joined_seq)
    and (${beforeMessage} = 0 or last.id < ${beforeMessage})
    order by last.id desc
    limit ${limit}`.execute(db)
  return found.rows
}
