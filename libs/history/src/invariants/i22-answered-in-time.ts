import type { Facts, Invariant } from '../facts.ts'
import type { Send } from '../sends.ts'
import type { Stream } from '../streams.ts'

/** Every attempt is answered within 10 s; the rest is for the way there and back. */
const answerWithinMs = 10_500

/**
 * I22: on a stream that lives and is read, every attempt is answered in time; and what was sent
 * before everything was healed is accepted or refused in the end, unless its client gave up.
 */
export const answeredInTime: Invariant = (facts) => [
  ...[...facts.sends.values()].flatMap((send) => late(facts, send)),
  ...leftOpen(facts),
]

function late({ streams, events }: Facts, send: Send): string[] {
  const answers = [...send.accepted, ...send.refused, ...send.unknown].toSorted(
    (one, other) => one.at - other.at,
  )
  return send.attempts.flatMap(({ at, t, session }) => {
    const stream = streams.get(session)
    if (stream === undefined || stream.reading.length > 0) return []
    const overAt = stream.closed?.at ?? Infinity
    const answer = answers.find(
      (each) => each.session === session && each.at > at && each.at < overAt,
    )
    const endT = answer?.t ?? openUntil(stream, events.at(-1)?.t ?? t)
    if (endT - t <= answerWithinMs) return []
    const words = send.invoked.body || send.id
    return [`${words} had no answer after ${Math.round(endT - t)} ms (${session})`]
  })
}

/** A stream that was cut may have been dead for long before its client noticed. */
function openUntil({ closed }: Stream, endT: number): number {
  return closed === undefined ? endT : -Infinity
}

function leftOpen(facts: Facts): string[] {
  const heal = facts.phase('heal')
  if (heal === undefined || facts.phase('end') === undefined) return []
  return [...facts.sends.values()].flatMap((send) => {
    const isRefused = send.refused.some(({ reason }) => reason !== 'PREDECESSOR')
    const isFinal = send.accepted.length > 0 || isRefused
    const isGivenUp = send.unknown.some(({ why }) => why === 'given up')
    if (isFinal || isGivenUp || send.invoked.at > heal.at) return []
    return [`${send.invoked.body || send.id} was neither accepted nor refused in the end`]
  })
}
