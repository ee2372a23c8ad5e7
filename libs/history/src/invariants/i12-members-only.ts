import type { Facts, Invariant } from '../facts.ts'
import type { Stream } from '../streams.ts'
import { maySee } from '../truth.ts'
import type { StoredLog } from '../truth.ts'

/** Of a gap, as on the wire: older than what a device's first hello is given. */
const older = '2'

/**
 * I12: everybody is told exactly what was said while they were members, nobody's message stands
 * outside the sender's stays, and every removal that was acknowledged is in the log.
 */
export const membersOnly: Invariant = (facts) => [
  ...[...facts.truth.values()].flatMap(saidOutside),
  ...[...facts.streams.values()].flatMap((stream) => toldOutside(facts, stream)),
  ...[...facts.streams.values()].flatMap((stream) => withheld(facts, stream)),
  ...endsLost(facts),
]

function saidOutside(log: StoredLog): string[] {
  return [...log.entries].flatMap(([seq, { sender, id, body, kind }]) => {
    if (id === '' || maySee(log, sender, seq)) return []
    return [`${body || kind} stands at ${log.conversation} ${seq}, its sender was no member`]
  })
}

function toldOutside({ truth }: Facts, stream: Stream): string[] {
  return stream.received.flatMap((event) => {
    if (event.f !== 'entries') return []
    const log = truth.get(event.conversation)
    if (log === undefined) return []
    const seqs = event.entries.map((_, i) => event.first + i)
    const outside = seqs.filter((seq) => !maySee(log, stream.user, seq))
    return outside.map(
      (seq) => `${stream.device} was told ${log.conversation} ${seq}, its user was no member`,
    )
  })
}

function withheld({ truth }: Facts, stream: Stream): string[] {
  return stream.received.flatMap((event) => {
    if (event.f !== 'gap' || event.why === older) return []
    const stays = truth.get(event.conversation)?.stays.get(stream.user) ?? []
    const hidden = stays.filter(({ from, to }) => from <= event.to && to >= event.from)
    return hidden.map(
      ({ from }) =>
        `${stream.device} was told that ${event.from} to ${event.to} of ${event.conversation} are not its user's, who was a member from ${from}`,
    )
  })
}

function endsLost({ events, truth }: Facts): string[] {
  const acknowledged = new Map<string, number>()
  for (const event of events) {
    if (event.f !== 'member' || event.op !== 'ok') continue
    if (event.change !== 'remove' && event.change !== 'leave') continue
    const key = `${event.conversation} ${event.member}`
    acknowledged.set(key, (acknowledged.get(key) ?? 0) + 1)
  }
  return [...acknowledged].flatMap(([key, count]) => {
    const [conversation = '', member] = key.split(' ')
    const log = truth.get(conversation)
    if (log === undefined) return []
    const ends = [...log.entries.values()].filter(
      (entry) => entry.member === member && (entry.change === 'left' || entry.change === 'removed'),
    )
    if (ends.length >= count) return []
    return [`${member} left ${conversation} ${count} times, its log says ${ends.length}`]
  })
}
