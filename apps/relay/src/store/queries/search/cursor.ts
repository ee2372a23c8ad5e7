import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { blockEntries, mayContain } from '../../../domain/signature.ts'
import type { Signature } from '../../../domain/signature.ts'
import { signatureFormat } from '../../signature-format.ts'
import type { Tables } from '../../tables.ts'
import type { Stay } from './search-stays.ts'

/** Signatures read at once. */
const signaturesPerRead = 64

/** How far a search has come in one stay: downwards, from block to block. */
export interface Cursor {
  readonly stay: Stay
  /** No message that is left here is newer than this one. */
  newest: number
  /** Blocks to be looked into, newest first. */
  readonly blocks: number[]
  /** The newest block whose signature was not read yet. */
  next: number
}

/** False for a stay that ended before it saw anything. */
export function isSeen({ from, to }: Stay): boolean {
  return from <= to
}

/** A cursor at the end of its stay. The newest block is looked into as it is: it is seldom full. */
export function cursorOf(stay: Stay): Cursor {
  const newest = blockOf(stay.to)
  return { stay, newest: stay.message, blocks: [newest], next: newest - 1 }
}

/** True when nothing is left of the stay. */
export function isDone({ blocks, next, stay }: Cursor): boolean {
  return blocks.length === 0 && next < blockOf(stay.from)
}

/** The part of a block that lies in the cursor's stay. */
export function rangeOf({ stay }: Cursor, block: number): { from: number; to: number } {
  const first = block * blockEntries + 1
  return { from: Math.max(stay.from, first), to: Math.min(stay.to, first + blockEntries - 1) }
}

/** Puts a cursor back where it belongs by its newest message. */
export function insert(cursors: Cursor[], cursor: Cursor): void {
  let [low, high] = [0, cursors.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cursors[middle]?.newest ?? 0) < cursor.newest) low = middle + 1
    else high = middle
  }
  cursors.splice(low, 0, cursor)
}

/**
 * Goes on over the next signatures and takes the blocks that may contain the grams, and those that
 * have no signature; returns how many blocks were judged.
 */
export async function readSignatures(
  db: Kysely<Tables>,
  cursor: Cursor,
  grams: readonly number[],
): Promise<number> {
  const { stay, next } = cursor
  const lowest = Math.max(blockOf(stay.from), next - signaturesPerRead + 1)
  // Words without grams may be in every block.
  const signatures =
    grams.length > 0 ? await signaturesOf(db, stay, lowest, next) : new Map<number, Signature>()
  for (let block = next; block >= lowest; block -= 1) {
    const signature = signatures.get(block)
    if (signature === undefined || mayContain(signature, grams)) cursor.blocks.push(block)
  }
  cursor.next = lowest - 1
  const seq = ((cursor.blocks[0] ?? cursor.next) + 1) * blockEntries
  cursor.newest = await messageAt(db, stay.conversation, seq)
  return next - lowest + 1
}

async function signaturesOf(
  db: Kysely<Tables>,
  { conversation }: Stay,
  lowest: number,
  highest: number,
): Promise<Map<number, Signature>> {
  const rows = await db
    .selectFrom('search_blocks')
    .select(['block', 'signature'])
    .where('conversation', '=', conversation)
    .where('block', '>=', lowest)
    .where('block', '<=', highest)
    .where('format', '=', signatureFormat)
    .execute()
  return new Map(rows.map(({ block, signature }) => [block, signature]))
}

async function messageAt(db: Kysely<Tables>, conversation: number, seq: number): Promise<number> {
  const found = await sql<{ id: number }>`
    select id from messages where conversation = ${conversation} and seq = ${seq}`.execute(db)
  return found.rows[0]?.id ?? 0
}

function blockOf(seq: number): number {
  return Math.floor((seq - 1) / blockEntries)
}
