import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { hasWords } from '../../../domain/grams.ts'
import type { Tables } from '../../tables.ts'
import { textOf } from './text-of.ts'

/** Entries of a log. */
export interface Range {
  readonly conversation: number
  readonly from: number
  readonly to: number
}

/** A text or an edit that has the words; whether it still says what its text says is not known yet. */
export interface Match {
  readonly message: number
  readonly conversation: number
  readonly seq: number
  /** The text that an edit is of. */
  readonly target: number | null
}

/** What there is in a range. */
export interface Looked {
  /** Newest first. */
  readonly matches: Match[]
  readonly texts: number
  /** The oldest message with words; undefined when there is none. */
  readonly oldest: number | undefined
}

/** Reads every text and edit of a range and takes those that have all the words. */
export async function lookInto(
  db: Kysely<Tables>,
  { conversation, from, to }: Range,
  words: readonly string[],
): Promise<Looked> {
  const found = await sql<{ id: number; seq: number; target: number | null; entry: Uint8Array }>`
    select id, seq, target_seq as target, entry from messages
    where conversation = ${conversation} and seq >= ${from} and seq <= ${to} and kind in (1, 5)
    order by seq desc`.execute(db)
  const matches: Match[] = []
  for (const { id, seq, target, entry } of found.rows) {
    if (hasWords(textOf(entry), words)) matches.push({ message: id, conversation, seq, target })
  }
  return { matches, texts: found.rows.length, oldest: found.rows.at(-1)?.id }
}

/** A text as it reads now. */
export interface Hit {
  /** The message that carries the newest words: the text itself, or its newest edit. */
  readonly message: number
  readonly conversation: number
  readonly seq: number
  readonly entry: Uint8Array
  /** Its newest edit that the user may see. */
  readonly edit: Uint8Array | null
}

/** The text of a match, when the match carries its newest words and the user may see both. */
export async function hitOf(
  db: Kysely<Tables>,
  user: number,
  { message, conversation, seq, target }: Match,
): Promise<Hit | undefined> {
  const textSeq = target ?? seq
  // Of one log: the number of its newest edit names it.
  const found = await sql<{ entry: Uint8Array; editSeq: number | null }>`
    select t.entry as entry, (select x.seq from messages x
      where x.conversation = t.conversation and x.target_seq = t.seq and x.kind = 5
      and ${visible('x', user)} order by x.id desc limit 1) as editSeq
    from messages t
    where t.conversation = ${conversation} and t.seq = ${textSeq} and t.kind = 1
    and ${visible('t', user)}`.execute(db)
  const [text] = found.rows
  if (text === undefined || (text.editSeq ?? textSeq) !== seq) return undefined
  const edit = text.editSeq === null ? null : await entryOf(db, conversation, text.editSeq)
  return { message, conversation, seq: textSeq, entry: text.entry, edit }
}

async function entryOf(
  db: Kysely<Tables>,
  conversation: number,
  seq: number,
): Promise<Uint8Array | null> {
  const found = await sql<{ entry: Uint8Array }>`
    select entry from messages where conversation = ${conversation} and seq = ${seq}`.execute(db)
  return found.rows[0]?.entry ?? null
}

function visible(line: 't' | 'x', user: number) {
  const [conversation, seq] = [sql.ref(`${line}.conversation`), sql.ref(`${line}.seq`)]
  return sql`exists (select 1 from members s where s.conversation = ${conversation}
    and s.user = ${user} and s.joined_seq <= ${seq} and (s.left_seq is null or s.left_seq >= ${seq}))`
}
