import { queryWords } from '../domain/grams.ts'
import type { SearchLogsArgs, SearchResult } from '../store/queries/search/search-logs.ts'
import type { World, WorldUser } from './world.ts'

const generous = { workMs: 60_000, texts: 10_000_000, signatures: 10_000_000 }

/** Brings the search index level with the log; returns how many blocks were signed. */
export async function index(world: World): Promise<number> {
  let after: number | undefined
  let signed = 0
  for (;;) {
    const { blocks, upTo, newest } = await world.ask('fullBlocks', { after })
    world.run('indexSearch', { upTo, blocks })
    signed += blocks.length
    after = upTo
    if (upTo >= newest) return signed
  }
}

/** Blocks that have a signature. */
export function signedBlocks(world: World): number {
  return world.db.prepare<[], number>('select count(*) from search_blocks').pluck().get() ?? 0
}

/** What somebody finds, without bounds unless told. */
export async function searched(
  world: World,
  who: WorldUser,
  query: string,
  asked: Partial<SearchLogsArgs> = {},
): Promise<SearchResult> {
  const args = { conversationId: undefined, limit: 1_000, bounds: generous, ...asked }
  const result = await world.ask('searchLogs', {
    user: who.user,
    words: queryWords(query),
    ...args,
  })
  return result ?? { found: [], more: false }
}

/** The numbers of all that somebody finds, newest words first. */
export async function seqsFound(world: World, who: WorldUser, query: string): Promise<number[]> {
  return (await searched(world, who, query)).found.map(({ seq }) => seq)
}
