import type { Facts, Invariant } from '../facts.ts'
import type { Stream } from '../streams.ts'
import { visibleUpTo } from '../truth.ts'
import type { StoredLog } from '../truth.ts'
import type { Walk } from '../walk.ts'

/** I13: a stream tells the backlog in order and without holes, all of it before it says so. */
export const backlogComplete: Invariant = (facts) => {
  const acks = acknowledgements(facts)
  return [...facts.walks].flatMap(([stream, walk]) => [
    ...holes(stream, walk),
    ...missing(facts, stream, walk, acks),
  ])
}

function holes({ device, session }: Stream, { jumps }: Walk): string[] {
  return jumps.map(
    ({ conversation, seq, level }) =>
      `${device} was told ${conversation} ${seq} after ${level} (${session})`,
  )
}

interface Heads {
  /** Places in the history, ascending, and the highest number acknowledged by then. */
  readonly at: number[]
  readonly head: number[]
}

/** By conversation: how far it was acknowledged to anybody, and when. */
function acknowledgements({ sends }: Facts): ReadonlyMap<string, Heads> {
  const answers = [...sends.values()].flatMap(({ accepted }) => accepted.slice(0, 1))
  const acks = new Map<string, Heads>()
  for (const { at, conversation, seq } of answers.toSorted((one, other) => one.at - other.at)) {
    const heads = acks.get(conversation) ?? { at: [], head: [] }
    heads.at.push(at)
    heads.head.push(Math.max(seq, heads.head.at(-1) ?? 0))
    acks.set(conversation, heads)
  }
  return acks
}

function missing(
  { truth }: Facts,
  stream: Stream,
  { levelsAtCaughtUp: levels }: Walk,
  acks: ReadonlyMap<string, Heads>,
): string[] {
  if (levels === undefined) return []
  return [...truth.values()].flatMap((log) => {
    const head = headBefore(acks.get(log.conversation), stream.connect.at)
    const due = visibleUpTo(log, stream.user, head)
    const had = levels.get(log.conversation) ?? 0
    return had >= due ? [] : [shortfall(stream, log, had, due)]
  })
}

function shortfall(
  { device, session }: Stream,
  { conversation }: StoredLog,
  had: number,
  due: number,
) {
  return `${device} was called caught up at ${conversation} ${had} of ${due} (${session})`
}

function headBefore(heads: Heads | undefined, at: number): number {
  if (heads === undefined) return 0
  let [low, high] = [0, heads.at.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((heads.at[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  return heads.head[low - 1] ?? 0
}
