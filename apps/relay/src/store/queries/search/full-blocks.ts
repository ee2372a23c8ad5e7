import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { blockEntries, signatureMaker } from '../../../domain/signature.ts'
import type { Signature } from '../../../domain/signature.ts'
import { signatureFormat } from '../../signature-format.ts'
import type { Tables } from '../../tables.ts'
import { Slices } from './slices.ts'
import { textOf } from './text-of.ts'

/** One round looks at so many messages, and makes so many signatures, at most. */
export const roundMessages = 20_000
export const roundBlocks = 32
/** One round stops after so much CPU time, though not before its first signature. */
const roundMs = 50

interface FullBlocksArgs {
  /** The last message that was looked at; undefined for what the journal remembers of it. */
  readonly after: number | undefined
  /** Nothing after this one is looked at; undefined for no such bound. */
  readonly last?: number | undefined
}

/** A block that is full, and what its texts are known by. */
interface FullBlock {
  readonly conversation: number
  /** Block b has the entries 64 b + 1 to 64 b + 64. */
  readonly block: number
  readonly signature: Signature
}

/** What a round has found. */
export interface FullBlocks {
  readonly blocks: readonly FullBlock[]
  /** All messages up to this one have been looked at. */
  readonly upTo: number
  /** The last message there is. */
  readonly newest: number
  /** CPU time that it took of the thread. */
  readonly workedMs: number
}

interface Filled {
  readonly id: number
  readonly conversation: number
  readonly seq: number
}

const signatureOf = signatureMaker()

/** Signatures of the blocks that messages after the given one have filled. */
export async function fullBlocks(
  database: Kysely<Tables>,
  { after: known, last: bound = Infinity }: FullBlocksArgs,
): Promise<FullBlocks> {
  const slices = new Slices(roundMs)
  const db = slices.around(database)
  const after = known ?? (await progress(db))
  // Asked first: what is written from here on belongs to the next round.
  const newest = await newestMessage(db)
  const last = Math.min(after + roundMessages, newest, bound)
  const filled = await filledBetween(db, after, last)
  const blocks: FullBlock[] = []
  for (const { conversation, seq } of filled) {
    if (blocks.length > 0 && slices.isOver) break
    const texts = await textsUpTo(db, conversation, seq)
    blocks.push({ conversation, block: seq / blockEntries - 1, signature: signatureOf(texts) })
    await slices.pause()
  }
  const isAll = blocks.length === filled.length && filled.length < roundBlocks
  const upTo = isAll ? Math.max(last, after) : (filled[blocks.length - 1]?.id ?? after)
  return { blocks, upTo, newest, workedMs: slices.workedMs }
}

async function progress(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('search_progress')
    .select('last_message')
    .where('format', '=', signatureFormat)
    .executeTakeFirst()
  return row?.last_message ?? 0
}

async function newestMessage(db: Kysely<Tables>): Promise<number> {
  const found = await sql<{ id: number | null }>`select max(id) as id from messages`.execute(db)
  return found.rows[0]?.id ?? 0
}

async function filledBetween(db: Kysely<Tables>, after: number, last: number): Promise<Filled[]> {
  const found = await sql<Filled>`
    select id, conversation, seq from messages
    where id > ${after} and id <= ${last} and seq % ${blockEntries} = 0
    order by id limit ${roundBlocks}`.execute(db)
  return found.rows
}

async function textsUpTo(
  db: Kysely<Tables>,
  conversation: number,
  lastSeq: number,
): Promise<string[]> {
  const found = await sql<{ entry: Uint8Array }>`
    select entry from messages where conversation = ${conversation}
    and seq > ${lastSeq - blockEntries} and seq <= ${lastSeq} and kind in (1, 5)`.execute(db)
  return found.rows.map(({ entry }) => textOf(entry))
}
