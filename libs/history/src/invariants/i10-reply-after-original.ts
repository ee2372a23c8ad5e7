import type { EventOf } from '../events.ts'
import type { Facts, Invariant } from '../facts.ts'
import type { Stream } from '../streams.ts'

/** I10: nobody is shown a reply before the entry that it replies to. */
export const replyAfterOriginal: Invariant = (facts) => [
  ...backwards(facts),
  ...[...facts.streams.values()].flatMap(early),
]

function backwards({ truth }: Facts): string[] {
  return [...truth.values()].flatMap(({ conversation, entries }) =>
    [...entries].flatMap(([seq, { replyTo = 0, body }]) =>
      replyTo < seq ? [] : [`${body} at ${conversation} ${seq} replies to ${replyTo}`],
    ),
  )
}

function early(stream: Stream): string[] {
  if (stream.connect.transient) return []
  const levels = new Map(Object.entries(stream.connect.cursors))
  return stream.received.flatMap((event) => {
    if (event.f === 'pull') return []
    const before = levels.get(event.conversation) ?? 0
    levels.set(event.conversation, Math.max(before, upTo(event)))
    return event.f === 'entries' ? earlyIn(event, before, stream.device) : []
  })
}

function earlyIn(run: EventOf<'entries'>, before: number, device: string): string[] {
  return run.entries.flatMap(({ replyTo = 0, body }, i) => {
    const isInRun = replyTo >= run.first && replyTo < run.first + i
    return replyTo <= before || isInRun
      ? []
      : [`${device} was told ${body} before ${replyTo}, its original`]
  })
}

function upTo(event: Exclude<Stream['received'][number], { f: 'pull' }>): number {
  if (event.f === 'gap') return event.to
  return event.f === 'send' ? event.seq : event.first + event.entries.length - 1
}
