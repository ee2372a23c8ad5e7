import type { Facts, Invariant } from '../facts.ts'
import type { Stream } from '../streams.ts'
import { visibleUpTo } from '../truth.ts'
import { walk } from '../walk.ts'

/** How long after the last fault everybody must have everything. */
const convergeWithinMs = 10_000

/** I23: 10 s after everything was healed every device has all that was acknowledged by then. */
export const convergence: Invariant = (facts) => {
  const [heal, end] = [facts.phase('heal'), facts.phase('end')]
  if (heal === undefined) return []
  const dueT = heal.t + convergeWithinMs
  if (end === undefined || end.t < dueT) return ['the run ended before anybody could converge']
  const until = facts.events.findLastIndex(({ t }) => t <= dueT)
  const heads = headsBefore(facts, heal.at)
  return lastStreams(facts).flatMap((stream) => behind(facts, stream, until, heads))
}

function headsBefore({ sends }: Facts, at: number): ReadonlyMap<string, number> {
  const heads = new Map<string, number>()
  for (const { accepted } of sends.values()) {
    const [first] = accepted
    if (first === undefined || first.at > at) continue
    heads.set(first.conversation, Math.max(first.seq, heads.get(first.conversation) ?? 0))
  }
  return heads
}

/** Of every client that did not leave, whose login has not ended and whose device is nowhere else. */
function lastStreams({ walks }: Facts): Stream[] {
  const streams = [...walks.keys()]
  const byClient = new Map(streams.map((stream) => [stream.client, stream]))
  const byDevice = new Map(streams.map((stream) => [stream.device, stream]))
  return [...byClient.values()].filter((stream) => {
    const why = stream.closed?.why ?? ''
    const isElsewhere = why === 'kicked REPLACED' && byDevice.get(stream.device) !== stream
    return !isElsewhere && !/^(done|kicked (REVOKED|DISABLED))/.test(why)
  })
}

function behind(
  { truth }: Facts,
  stream: Stream,
  until: number,
  heads: ReadonlyMap<string, number>,
): string[] {
  const { levels } = walk(stream, until)
  return [...heads].flatMap(([conversation, head]) => {
    const log = truth.get(conversation)
    const due = log === undefined ? 0 : visibleUpTo(log, stream.user, head)
    const had = levels.get(conversation) ?? 0
    return had >= due
      ? []
      : [`${stream.device} had ${conversation} ${had} of ${due} (${stream.session})`]
  })
}
