import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { hasWords } from '../../../domain/grams.ts'
import type { Tables } from '../../tables.ts'
import { textOf } from './text-of.ts'

/** Entries of a log that a user may see. */
export interface Range {
  readonly user: number
  readonly conversation: number
  readonly from: number
  readonly to: number
}

/** A text that has the words, as it reads now. */
export interface Hit {
  /** The message that carries the newest words: the text itself, or its newest edit. */
  readonly message: number
  readonly conversation: number
  readonly seq: number
  readonly entry: Uint8Array
  /** Its newest edit that the user may see. */
  readonly edit: Uint8Array | null
}

/** What there is in a range. */
export interface Looked {
  readonly hits: Hit[]
  readonly texts: number
  /** The oldest message with words; undefined when there is none. */
  readonly oldest: number | undefined
}

interface Line {
  readonly id: number
  readonly seq: number
  readonly target: number | null
  readonly entry: Uint8Array
}

/** Reads every text and edit of a range and takes those that have all the words now. */
export async function lookInto(
  db: Kysely<Tables>,
  range: Range,
  words: readonly string[],
): Promise<Looked> {
  const found = await sql<Line>`
    select id, seq, entry, target_seq as target from messages
    where conversation = ${range.conversation} and seq >= ${range.from} and seq <= ${range.to}
    and kind in (1, 5) order by seq desc`.execute(db)
  const hits: Hit[] = []
  for (const line of found.rows) {
    if (!hasWords(textOf(line.entry), words)) continue
    const hit = await newestWords(db, range, line)
    if (hit !== undefined) hits.push(hit)
  }
  return { hits, texts: found.rows.length, oldest: found.rows.at(-1)?.id }
}

/** A hit, if this line carries the newest words of a text, and both may be seen. */
async function newestWords(
  db: Kysely<Tables>,
  { user, conversation }: Range,
  line: Line,
): Promise<Hit | undefined> {
  const seq = line.target ?? line.seq
  const maySee = sql`exists (select 1 from members s where s.conversation = m.conversation
    and s.user = ${user} and s.joined_seq <= m.seq
    and (s.left_seq is null or s.left_seq >= m.seq))`
  const edits = await sql<Line>`
    select m.seq as seq, m.entry as entry from messages m
    where m.conversation = ${conversation} and m.target_seq = ${seq} and m.kind = 5 and ${maySee}
    order by m.id desc limit 1`.execute(db)
  const [edit] = edits.rows
  if ((edit?.seq ?? seq) !== line.seq) return undefined
  const originals = await sql<Line>`
    select m.entry as entry from messages m
    where m.conversation = ${conversation} and m.seq = ${seq} and m.kind = 1 and ${maySee}`.execute(
    db,
  )
  const [original] = originals.rows
  if (original === undefined) return undefined
  return { message: line.id, conversation, seq, entry: original.entry, edit: edit?.entry ?? null }
}
