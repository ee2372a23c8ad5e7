import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { gramsOf, hasWords } from '../../domain/grams.ts'
import { mayContain } from '../../domain/signature.ts'
import type { Tables } from '../tables.ts'
import { blockEntries } from './full-blocks.ts'
import { textOf } from './text-of.ts'

/** One search reads at most so many texts, and so many signatures; then it answers with what it has. */
export const maxTextsRead = 20_000
export const maxSignaturesRead = 50_000

export interface SearchLogsArgs {
  readonly user: number
  /** In search form; at least one. */
  readonly words: readonly string[]
  /** Only this conversation, or all when undefined. */
  readonly conversationId: Uint8Array | undefined
  readonly limit: number
}

/** A text that has all the words, as it reads now. */
export interface FoundText {
  readonly message: number
  readonly conversationId: Uint8Array
  readonly kind: number
  readonly title: string
  readonly peerId: Uint8Array | null
  readonly peerName: string | null
  readonly seq: number
  readonly entry: Uint8Array
  /** Its newest edit that the user may see. */
  readonly edit: Uint8Array | null
}

interface Stay {
  readonly conversation: number
  readonly publicId: Uint8Array
  readonly kind: number
  readonly title: string
  readonly from: number
  readonly to: number
  /** Entries up to this one are covered by signatures. */
  readonly indexed: number
  readonly peerId: Uint8Array | null
  readonly peerName: string | null
}

interface Text {
  readonly id: number
  readonly seq: number
  readonly entry: Uint8Array
  readonly target: number | null
}

interface Work {
  readonly db: Kysely<Tables>
  readonly args: SearchLogsArgs
  readonly grams: ReadonlySet<string>
  readonly found: FoundText[]
  texts: number
  signatures: number
}

/**
 * Texts with all the words that the user may see, newest first. What no signature covers yet is
 * read itself, so nothing is missed because the index is behind; a block is read when its
 * signature may contain the words. Bounded work: see the limits above.
 */
export async function searchLogs(db: Kysely<Tables>, args: SearchLogsArgs): Promise<FoundText[]> {
  const grams = gramsOf(args.words.join('\n'))
  const work: Work = { db, args, grams, found: [], texts: 0, signatures: 0 }
  for (const stay of await staysOf(work)) {
    if (isSpent(work)) break
    await searchStay(work, stay)
  }
  return work.found.toSorted((one, other) => other.message - one.message).slice(0, args.limit)
}

function isSpent({ texts, signatures }: Work): boolean {
  return texts >= maxTextsRead || signatures >= maxSignaturesRead
}

async function staysOf({ db, args }: Work): Promise<Stay[]> {
  const { user, conversationId } = args
  const only = conversationId === undefined ? sql`` : sql`and c.public_id = ${conversationId}`
  const found = await sql<Stay>`
    select m.conversation as conversation, c.public_id as publicId, c.kind as kind,
      c.title as title, m.joined_seq as "from", coalesce(m.left_seq, h.seq) as "to",
      ${blockEntries} * (1 + coalesce((select max(block) from search_blocks b
        where b.conversation = m.conversation), -1)) as indexed,
      p.public_id as peerId, p.name as peerName
    from members m
    join conversations c on c.id = m.conversation
    join messages h on h.conversation = m.conversation
      and h.seq = (select max(seq) from messages where conversation = m.conversation)
    left join directs d on d.conversation = m.conversation
    left join users p on p.id = case when d.low = ${user} then d.high else d.low end
    where m.user = ${user} and c.kind != 3 ${only}
    order by h.id desc, m.joined_seq desc`.execute(db)
  return found.rows
}

async function searchStay(work: Work, stay: Stay): Promise<void> {
  const before = work.found.length
  const isEnough = () => work.found.length - before >= work.args.limit || isSpent(work)
  // What is not indexed yet, in steps of a block, newest first.
  for (let to = stay.to; to > Math.max(stay.indexed, stay.from - 1); to -= blockEntries) {
    if (isEnough()) return
    await searchRange(work, stay, Math.max(to - blockEntries + 1, stay.indexed + 1), to)
  }
  for (const block of await blocksOf(work, stay)) {
    if (isEnough()) return
    const first = block * blockEntries + 1
    await searchRange(work, stay, first, first + blockEntries - 1)
  }
}

/** Blocks of a stay whose signature may contain the words, newest first. */
async function blocksOf(work: Work, stay: Stay): Promise<number[]> {
  const [first, last] = [stay.from, stay.to].map((seq) => Math.floor((seq - 1) / blockEntries))
  const found = await sql<{ block: number; signature: Uint8Array }>`
    select block, signature from search_blocks where conversation = ${stay.conversation}
    and block >= ${first} and block <= ${last} order by block desc
    limit ${maxSignaturesRead - work.signatures}`.execute(work.db)
  work.signatures += found.rows.length
  return found.rows
    .filter(({ signature }) => mayContain(signature, work.grams))
    .map(({ block }) => block)
}

async function searchRange(work: Work, stay: Stay, from: number, to: number): Promise<void> {
  const texts = await sql<Text>`
    select id, seq, entry, target_seq as target from messages
    where conversation = ${stay.conversation} and seq >= ${Math.max(from, stay.from)}
    and seq <= ${Math.min(to, stay.to)} and kind in (1, 5) order by seq desc`.execute(work.db)
  work.texts += texts.rows.length
  for (const text of texts.rows) {
    if (hasWords(textOf(text.entry), work.args.words)) await takeNewest(work, stay, text)
  }
}

/** Takes a text whose words are its newest; older words of an edited text are found no more. */
async function takeNewest(work: Work, stay: Stay, text: Text): Promise<void> {
  const { conversation, publicId: conversationId, kind, title, peerId, peerName } = stay
  const seq = text.target ?? text.seq
  const maySee = sql`exists (select 1 from members s where s.conversation = m.conversation
    and s.user = ${work.args.user} and s.joined_seq <= m.seq
    and (s.left_seq is null or s.left_seq >= m.seq))`
  const edits = await sql<{ seq: number; entry: Uint8Array }>`
    select m.seq as seq, m.entry as entry from messages m where m.conversation = ${conversation}
    and m.target_seq = ${seq} and m.kind = 5 and ${maySee}
    order by m.seq desc limit 1`.execute(work.db)
  const newest = edits.rows[0]
  if ((newest?.seq ?? seq) !== text.seq) return
  const originals = await sql<{ entry: Uint8Array }>`
    select m.entry as entry from messages m where m.conversation = ${conversation}
    and m.seq = ${seq} and m.kind = 1 and ${maySee}`.execute(work.db)
  const [original] = originals.rows
  if (original === undefined) return
  const about = { conversationId, kind, title, peerId, peerName }
  const { entry } = original
  work.found.push({ ...about, message: text.id, seq, entry, edit: newest?.entry ?? null })
}
