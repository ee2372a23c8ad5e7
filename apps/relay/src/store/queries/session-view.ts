import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The most conversations a session follows; the ones with the oldest ids are left out beyond it. */
const maxConversations = 10_000

export interface SessionViewArgs {
  readonly user: number
  readonly device: number
  /** Only this conversation, or all when undefined. */
  readonly conversation?: number
}

/** One stay of a user in a conversation, as rows come: several for one who left and returned. */
export interface ConversationView {
  readonly conversation: number
  readonly publicId: Uint8Array
  readonly kind: number
  readonly epoch: number
  readonly title: string
  readonly joinedSeq: number
  /** 0 while the stay lasts. */
  readonly leftSeq: number
  readonly head: number
  /** What the device has stored; 0 for nothing. */
  readonly delivered: number
  /** The other user of a direct conversation. */
  readonly peerId: Uint8Array | null
  readonly peerName: string | null
  /** 1 when the user has blocked the other of a direct conversation. */
  readonly blocked: number
}

/** Everything that a session must know of the conversations of its user. */
export async function sessionView(
  db: Kysely<Tables>,
  { user, device, conversation }: SessionViewArgs,
): Promise<ConversationView[]> {
  const only = conversation === undefined ? sql`` : sql`and m.conversation = ${conversation}`
  const found = await sql<ConversationView>`
    select m.conversation as conversation, c.public_id as publicId, c.kind as kind,
      c.epoch as epoch, c.title as title, m.joined_seq as joinedSeq,
      coalesce(m.left_seq, 0) as leftSeq,
      coalesce((select seq from messages where conversation = m.conversation
        order by seq desc limit 1), 0) as head,
      coalesce(k.seq, 0) as delivered, p.public_id as peerId, p.name as peerName,
      coalesce(f.blocked, 0) as blocked
    from members m
    join conversations c on c.id = m.conversation
    left join cursors k on k.device = ${device} and k.conversation = m.conversation
    left join directs d on d.conversation = m.conversation
    left join users p on p.id = case when d.low = ${user} then d.high else d.low end
    left join friendships f on f.user = ${user} and f.other = p.id
    where m.user = ${user} ${only}
    order by m.conversation desc, m.joined_seq
    limit ${maxConversations}`.execute(db)
  return found.rows
}
