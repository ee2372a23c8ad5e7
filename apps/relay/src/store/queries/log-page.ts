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

interface Stay {
  readonly conversation: number
  readonly firstSeq: number
  readonly lastSeq: number
}

/** A page of a log, newest first; undefined when the user never was a member. */
export async function logPage(
  db: Kysely<Tables>,
  { user, conversationId, beforeSeq, limit }: LogPageArgs,
): Promise<LogLine[] | undefined> {
  const stays = await staysOf(db, user, conversationId)
  if (stays.length === 0) return undefined
  const below = beforeSeq === 0 ? Number.MAX_SAFE_INTEGER : beforeSeq
  const lines: LogLine[] = []
  // Stay by stay, so that what was said in between is not even looked at.
  for (const stay of stays) {
    if (lines.length >= limit) break
    const lastSeq = Math.min(stay.lastSeq, below - 1)
    // Numbers have no gaps: what is asked for is as many numbers as there is room for lines.
    const firstSeq = Math.max(stay.firstSeq, lastSeq - (limit - lines.length) + 1)
    lines.push(...(await linesOf(db, user, { ...stay, firstSeq, lastSeq })))
  }
  return lines
}

async function staysOf(
  db: Kysely<Tables>,
  user: number,
  conversationId: Uint8Array,
): Promise<Stay[]> {
  const found = await sql<Stay>`
    select m.conversation as conversation, m.joined_seq as firstSeq,
      coalesce(m.left_seq, (select seq from messages where conversation = m.conversation
        order by seq desc limit 1), 0) as lastSeq
    from conversations c join members m on m.conversation = c.id
    where c.public_id = ${conversationId} and m.user = ${user}
    order by m.joined_seq desc`.execute(db)
  return found.rows
}

// Numbers and row ids of a conversation grow together, so the index of targets finds the newest edit first.
async function linesOf(
  db: Kysely<Tables>,
  user: number,
  { conversation, firstSeq, lastSeq }: Stay,
): Promise<LogLine[]> {
  const found = await sql<LogLine>`
    select l.seq as seq, l.entry as entry, (select e.entry from messages e
      where e.conversation = l.conversation and e.target_seq = l.seq and e.kind = 5
      and exists (select 1 from members s
        where s.conversation = e.conversation and s.user = ${user} and s.joined_seq <= e.seq
        and (s.left_seq is null or s.left_seq >= e.seq))
      order by e.id desc limit 1) as edit
    from messages l
    where l.conversation = ${conversation} and l.seq between ${firstSeq} and ${lastSeq}
    order by l.seq desc`.execute(db)
  return found.rows
}
