import type { Kysely } from 'kysely'
import { gramsOfWords } from '../../../domain/signature.ts'
import type { Tables } from '../../tables.ts'
import { cursorOf, insert, isDone, rangeOf, readSignatures } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import { lookInto } from './look-into.ts'
import type { Hit } from './look-into.ts'
import { maxStays, namesOf, staysOf } from './search-stays.ts'
import type { NamedConversation } from './search-stays.ts'
import { Slices } from './slices.ts'

/** What one search may cost; then it answers with what it has. */
export interface SearchBounds {
  /** CPU time of the reading thread. */
  readonly workMs: number
  readonly texts: number
  readonly signatures: number
}

/** The bounds of searches over the wire. */
export const searchBounds: SearchBounds = { workMs: 50, texts: 20_000, signatures: 50_000 }

export interface SearchLogsArgs {
  readonly user: number
  /** In search form; at least one. */
  readonly words: readonly string[]
  /** Only this conversation, or all when undefined. */
  readonly conversationId: Uint8Array | undefined
  readonly limit: number
  readonly bounds: SearchBounds
}

/** A text that has all the words, and where. */
export type FoundText = Hit & NamedConversation

export interface SearchResult {
  /** Those with the newest words first. */
  readonly found: readonly FoundText[]
  /** Something older was not looked at, or did not find room. */
  readonly more: boolean
}

interface Search {
  readonly db: Kysely<Tables>
  readonly args: SearchLogsArgs
  readonly grams: readonly number[]
  readonly slices: Slices
  /** Newest first, `limit` of them at most. */
  readonly hits: Hit[]
  /** Oldest first. */
  readonly cursors: Cursor[]
  texts: number
  signatures: number
  more: boolean
}

/**
 * Texts with all the words that the user may see, those with the newest words first; undefined for a
 * conversation that the user never was in. All stays are walked at the same time, always on where the
 * newest messages are left, and only through blocks whose signature may contain the words or that have
 * none yet: an index that is behind costs time and misses nothing.
 */
export async function searchLogs(
  db: Kysely<Tables>,
  args: SearchLogsArgs,
): Promise<SearchResult | undefined> {
  const slices = new Slices(args.bounds.workMs)
  const stays = await staysOf(db, args.user, args.conversationId)
  if (stays === undefined) return undefined
  const search: Search = {
    db,
    args,
    grams: gramsOfWords(args.words),
    slices,
    hits: [],
    cursors: stays
      .filter(({ from, to }) => from <= to)
      .map(cursorOf)
      .toReversed(),
    texts: 0,
    signatures: 0,
    more: stays.length === maxStays,
  }
  await walk(search)
  return { found: await named(search), more: search.more }
}

async function walk(search: Search): Promise<void> {
  const { cursors, slices } = search
  for (;;) {
    const cursor = cursors.pop()
    if (cursor === undefined) return
    if (isEnough(search, cursor)) {
      search.more = true
      return
    }
    await advance(search, cursor)
    if (!isDone(cursor)) insert(cursors, cursor)
    await slices.pause()
  }
}

function isEnough({ args, hits, texts, signatures, slices }: Search, cursor: Cursor): boolean {
  const { limit, bounds } = args
  if ((hits[limit - 1]?.message ?? 0) > cursor.newest) return true
  return texts >= bounds.texts || signatures >= bounds.signatures || slices.isOver
}

async function advance(search: Search, cursor: Cursor): Promise<void> {
  const { db, args, grams, hits } = search
  const block = cursor.blocks.shift()
  if (block === undefined) {
    search.signatures += await readSignatures(db, cursor, grams)
    return
  }
  const { conversation } = cursor.stay
  const range = { user: args.user, conversation, ...rangeOf(cursor, block) }
  const looked = await lookInto(db, range, args.words)
  search.texts += looked.texts
  cursor.newest = Math.min(cursor.newest, (looked.oldest ?? cursor.newest) - 1)
  hits.push(...looked.hits)
  hits.sort((one, other) => other.message - one.message)
  if (hits.splice(args.limit).length > 0) search.more = true
}

async function named({ db, args, hits }: Search): Promise<FoundText[]> {
  const conversations = new Set(hits.map(({ conversation }) => conversation))
  const names = await namesOf(db, args.user, [...conversations])
  return hits.flatMap((hit) => {
    const name = names.get(hit.conversation)
    return name === undefined ? [] : [{ ...hit, ...name }]
  })
}
