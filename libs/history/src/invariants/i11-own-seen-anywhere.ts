import type { Facts, Invariant } from '../facts.ts'
import type { Stream } from '../streams.ts'
import type { Walk } from '../walk.ts'

/** I11: what a user was acknowledged every later stream of the user has, once it is caught up. */
export const ownSeenAnywhere: Invariant = (facts) => {
  const own = acknowledgedBy(facts)
  return [...facts.walks].flatMap(([stream, walk]) => missedBy(stream, walk, own.get(stream.user)))
}

interface Acknowledged {
  readonly at: number
  readonly conversation: string
  readonly seq: number
}

function acknowledgedBy({ sends }: Facts): ReadonlyMap<string, readonly Acknowledged[]> {
  const own = new Map<string, Acknowledged[]>()
  for (const { user, accepted } of sends.values()) {
    const [first] = accepted
    if (first === undefined) continue
    const list = own.get(user)
    if (list === undefined) own.set(user, [first])
    else list.push(first)
  }
  return own
}

function missedBy(stream: Stream, walk: Walk, own: readonly Acknowledged[] = []): string[] {
  const { levelsAtCaughtUp: levels } = walk
  if (levels === undefined) return []
  const missed = own.findLast(
    ({ at, conversation, seq }) => at < stream.connect.at && seq > (levels.get(conversation) ?? 0),
  )
  if (missed === undefined) return []
  const { conversation, seq } = missed
  const had = levels.get(conversation) ?? 0
  return [`${stream.device} was caught up with ${conversation} ${had}, its own ${seq} was missing`]
}
