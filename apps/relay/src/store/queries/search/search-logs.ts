import type { Kysely } from 'kysely'
import { gramsOfWords } from '../../../domain/signature.ts'
import type { Tables } from '../../tables.ts'
import { cursorOf, insert, isDone, isSeen, rangeOf, readSignatures } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import { hitOf, lookInto } from './look-into.ts'
import type { Hit, Match } from './look-into.ts'
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
export const searchBounds: SearchBounds = { workMs: 100, texts: 20_000, signatures: 50_000 }

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
  /** Oldest first. */
  readonly cursors: Cursor[]
  /** Newest first. */
  readonly matches: Match[]
  /** Newest first; nothing that is left is newer. */
  readonly hits: Hit[]
  texts: number
  signatures: number
}

/**
 * Texts with all the words that the user may see, those with the newest words first; undefined for a
 * conversation that the user never was in. All stays are walked at the same time, always on where the
 * newest messages are left, and only through blocks whose signature may contain the words or that have
 * none yet: an index that is behind costs time and misses nothing.
 */
export async function searchLogs(
  database: Kysely<Tables>,
  args: SearchLogsArgs,
): Promise<SearchResult | undefined> {
  const slices = new Slices(args.bounds.workMs)
  const db = slices.around(database)
  const stays = await staysOf(db, args.user, args.conversationId)
  if (stays === undefined) return undefined
  const search: Search = {
    db,
    args,
    grams: gramsOfWords(args.words),
    slices,
    cursors: stays.filter(isSeen).map(cursorOf).toReversed(),
    matches: [],
    hits: [],
    texts: 0,
    signatures: 0,
  }
  const more = await walk(search)
  return { found: await named(search), more: more || stays.length === maxStays }
}

/** Looks on where the newest messages are left; returns whether something is left in the end. */
async function walk(search: Search): Promise<boolean> {
  const { args, cursors, hits, matches, slices } = search
  for (;;) {
    const cursor = cursors.at(-1)
    await settle(search, cursor?.newest ?? 0)
    if (hits.length === args.limit) return cursor !== undefined || matches.length > 0
    if (isSpent(search)) return finish(search)
    if (cursor === undefined) return false
    cursors.pop()
    await advance(search, cursor)
    if (!isDone(cursor)) insert(cursors, cursor)
    await slices.pause()
  }
}

function isSpent({ args: { bounds }, texts, signatures, slices }: Search): boolean {
  return texts >= bounds.texts || signatures >= bounds.signatures || slices.isOver
}

/** Takes the newest of what has been found, although newer ones may not have been. */
async function finish({ db, args, cursors, matches, hits }: Search): Promise<boolean> {
  const room = args.limit - hits.length
  for (const match of matches.splice(0, room)) {
    const hit = await hitOf(db, args.user, match)
    if (hit !== undefined) hits.push(hit)
  }
  return cursors.length > 0 || matches.length > 0
}

/** Makes hits of the matches that are newer than all that is left, while there is time. */
async function settle(search: Search, left: number): Promise<void> {
  const { db, args, slices, matches, hits } = search
  while (hits.length < args.limit && (matches[0]?.message ?? 0) > left && !slices.isOver) {
    const match = matches.shift()
    const hit = match && (await hitOf(db, args.user, match))
    if (hit !== undefined) hits.push(hit)
    await slices.pause()
  }
}

async function advance(search: Search, cursor: Cursor): Promise<void> {
  const { db, args, grams, matches } = search
  const block = cursor.blocks.shift()
  if (block === undefined) {
    search.signatures += await readSignatures(db, cursor, grams)
    return
  }
  const { conversation } = cursor.stay
  const looked = await lookInto(db, { conversation, ...rangeOf(cursor, block) }, args.words)
  search.texts += looked.texts
  cursor.newest = Math.min(cursor.newest, (looked.oldest ?? cursor.newest) - 1)
  if (looked.matches.length === 0) return
  matches.push(...looked.matches)
  matches.sort((one, other) => other.message - one.message)
}

async function named({ db, args, hits }: Search): Promise<FoundText[]> {
  const conversations = new Set(hits.map(({ conversation }) => conversation))
  const names = await namesOf(db, args.user, [...conversations])
  return hits.flatMap((hit) => {
    const name = names.get(hit.conversation)
    return name === undefined ? [] : [{ ...hit, ...name }]
  })
}
