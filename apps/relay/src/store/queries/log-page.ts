import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface LogPageArgs {
  readonly user: number
  readonly conversationId: Uint8Array
  /** Only entries below this number; 0 for the newest. */
  readonly beforeSeq: number
  readonly limit: number
}

/** An entry that the user may see, and the newest edit of it that the user may see. */
export interface LogLine {
  readonly seq: number
  readonly entry: Uint8Array
  readonly edit: Uint8Array | null
}

/** A page of a log, newest first; undefined when the user never was a member. */
export async function logPage(
  db: Kysely<Tables>,
  { user, conversationId, beforeSeq, limit }: LogPageArgs,
): Promise<LogLine[] | undefined> {
  const stay = await sql<{ conversation: number; lastSeq: number }>`
    select m.conversation as conversation,
      max(coalesce(m.left_seq, ${Number.MAX_SAFE_INTEGER})) as lastSeq
    from conversations c join members m on m.conversation = c.id
    where c.public_id = ${conversationId} and m.user = ${user}
    group by m.conversation`.execute(db)
  const [seen] = stay.rows
  if (seen === undefined) return undefined
  const below = beforeSeq === 0 ? seen.lastSeq : Math.min(beforeSeq - 1, seen.lastSeq)
  const maySee = (seq: string) => sql`exists (select 1 from members s
    where s.conversation = ${seen.conversation} and s.user = ${user}
    and s.joined_seq <= ${sql.ref(seq)} and (s.left_seq is null or s.left_seq >= ${sql.ref(seq)}))`
  const found = await sql<LogLine>`
    select l.seq as seq, l.entry as entry, (select e.entry from messages e
      where e.conversation = l.conversation and e.target_seq = l.seq and e.kind = 5
      and ${maySee('e.seq')} order by e.seq desc limit 1) as edit
    from messages l
    where l.conversation = ${seen.conversation} and l.seq <= ${below} and ${maySee('l.seq')}
    order by l.seq desc
    limit ${limit}`.execute(db)
  return found.rows
}
