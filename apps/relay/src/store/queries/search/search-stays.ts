import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'

/** The most stays that one search looks at, those with the newest entries. */
export const maxStays = 10_000

/** A part of a log that a user may see. */
export interface Stay {
  readonly conversation: number
  readonly from: number
  readonly to: number
  /** The message at `to`. */
  readonly message: number
}

interface StayRow {
  readonly conversation: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly message: number
}

/** Everything a user may see, or what of one conversation; undefined when never a member of that.
 * A stay that saw nothing ends before it begins. */
export async function staysOf(
  db: Kysely<Tables>,
  user: number,
  conversationId: Uint8Array | undefined,
): Promise<Stay[] | undefined> {
  // Nobody writes texts into notices.
  const which =
    conversationId === undefined ? sql`c.kind != 3` : sql`c.public_id = ${conversationId}`
  const found = await sql<StayRow>`
    select m.conversation as conversation, m.joined_seq as firstSeq, l.seq as lastSeq, l.id as message
    from members m join conversations c on c.id = m.conversation
    join messages l on l.conversation = m.conversation and l.seq = coalesce(m.left_seq,
      (select seq from messages where conversation = m.conversation order by seq desc limit 1))
    where m.user = ${user} and ${which}
    order by l.id desc limit ${maxStays}`.execute(db)
  const isUnknown = conversationId !== undefined && found.rows.length === 0
  if (isUnknown) return undefined
  return found.rows.map(({ firstSeq, lastSeq, ...rest }) => ({
    ...rest,
    from: firstSeq,
    to: lastSeq,
  }))
}

/** How conversations are called. */
export interface NamedConversation {
  readonly conversation: number
  readonly conversationId: Uint8Array
  readonly kind: number
  readonly title: string
  readonly peerId: Uint8Array | null
  readonly peerName: string | null
}

/** Names of conversations as a user sees them. */
export async function namesOf(
  db: Kysely<Tables>,
  user: number,
  conversations: readonly number[],
): Promise<Map<number, NamedConversation>> {
  if (conversations.length === 0) return new Map()
  const found = await sql<NamedConversation>`
    select c.id as conversation, c.public_id as conversationId, c.kind as kind, c.title as title,
      p.public_id as peerId, p.name as peerName
    from conversations c left join directs d on d.conversation = c.id
    left join users p on p.id = case when d.low = ${user} then d.high else d.low end
    where c.id in (${sql.join(conversations)})`.execute(db)
  return new Map(found.rows.map((each) => [each.conversation, each]))
}
