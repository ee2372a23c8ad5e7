import type { EventOf, HistoryEvent } from './events.ts'
import type { At } from './sends.ts'

/** What moves a stream's place in a conversation. */
export type Received = At<
  EventOf<'entries'> | EventOf<'gap'> | EventOf<'pull'> | Extract<EventOf<'send'>, { op: 'ok' }>
>

/** One stream of a device, as its client saw it. */
export interface Stream {
  readonly session: string
  readonly client: string
  readonly user: string
  readonly device: string
  readonly connect: At<Extract<EventOf<'connect'>, { op: 'invoke' }>>
  welcomed: At<HistoryEvent> | undefined
  caughtUp: At<HistoryEvent> | undefined
  closed: At<EventOf<'closed'>> | undefined
  readonly received: Received[]
  /** When the client stopped reading and when it read again. */
  readonly reading: At<EventOf<'reading'>>[]
}

/** All streams by their session, in the order in which they were opened. */
export function readStreams(events: readonly HistoryEvent[]): ReadonlyMap<string, Stream> {
  const streams = new Map<string, Stream>()
  events.forEach((event, at) => {
    if (event.session === '') return
    if (event.f === 'connect' && event.op === 'invoke') {
      streams.set(event.session, opened({ ...event, at }))
      return
    }
    const stream = streams.get(event.session)
    if (stream !== undefined) note(stream, event, at)
  })
  return streams
}

function opened(connect: Stream['connect']): Stream {
  const { session, client, user, device } = connect
  const later = { welcomed: undefined, caughtUp: undefined, closed: undefined }
  return { session, client, user, device, connect, ...later, received: [], reading: [] }
}

function note(stream: Stream, event: HistoryEvent, at: number): void {
  switch (event.f) {
    case 'connect':
      if (event.op === 'ok') stream.welcomed = { ...event, at }
      return
    case 'caught-up':
      stream.caughtUp ??= { ...event, at }
      return
    case 'closed':
      stream.closed ??= { ...event, at }
      return
    case 'reading':
      stream.reading.push({ ...event, at })
      return
    case 'entries':
    case 'gap':
    case 'pull':
      stream.received.push({ ...event, at })
      return
    case 'send':
      if (event.op === 'ok') stream.received.push({ ...event, at })
      return
    default:
  }
}
