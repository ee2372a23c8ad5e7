import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { gramsOf } from '../../domain/grams.ts'
import { signatureOf } from '../../domain/signature.ts'
import type { Tables } from '../tables.ts'
import { textOf } from './text-of.ts'

/** Entries of one block of the search index. */
export const blockEntries = 64
/** Messages looked at in one go. */
const messagesPerRound = 2_048

export interface FullBlocksArgs {
  /** The last message that was looked at. */
  readonly after: number
}

/** A block that is full, and which grams are in its texts and edits. */
export interface FullBlock {
  readonly conversation: number
  /** Block b has the entries 64 b + 1 to 64 b + 64. */
  readonly block: number
  readonly signature: Uint8Array
}

/** The blocks that messages after the given one have filled. */
export async function fullBlocks(
  db: Kysely<Tables>,
  { after }: FullBlocksArgs,
): Promise<{ upTo: number; blocks: FullBlock[] }> {
  const seen = await sql<{ id: number; conversation: number; seq: number }>`
    select id, conversation, seq from messages where id > ${after}
    order by id limit ${messagesPerRound}`.execute(db)
  const blocks: FullBlock[] = []
  for (const { conversation, seq } of seen.rows) {
    if (seq % blockEntries !== 0) continue
    const block = seq / blockEntries - 1
    blocks.push({ conversation, block, signature: await signature(db, conversation, seq) })
  }
  return { upTo: seen.rows.at(-1)?.id ?? after, blocks }
}

async function signature(
  db: Kysely<Tables>,
  conversation: number,
  lastSeq: number,
): Promise<Uint8Array> {
  const texts = await sql<{ entry: Uint8Array }>`
    select entry from messages where conversation = ${conversation}
    and seq > ${lastSeq - blockEntries} and seq <= ${lastSeq} and kind in (1, 5)`.execute(db)
  return signatureOf(gramsOf(texts.rows.map(({ entry }) => textOf(entry)).join('\n')))
}
