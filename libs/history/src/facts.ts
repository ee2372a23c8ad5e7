import type { EventOf, HistoryEvent } from './events.ts'
import { readSends } from './sends.ts'
import type { At, Send } from './sends.ts'
import { readStreams } from './streams.ts'
import type { Stream } from './streams.ts'
import { readTruth } from './truth.ts'
import type { StoredLog } from './truth.ts'
import { walk } from './walk.ts'
import type { Walk } from './walk.ts'

/** A history, read once for all invariants. */
export interface Facts {
  readonly events: readonly HistoryEvent[]
  readonly sends: ReadonlyMap<string, Send>
  readonly streams: ReadonlyMap<string, Stream>
  /** The lasting streams, with what they were told step by step. */
  readonly walks: ReadonlyMap<Stream, Walk>
  readonly truth: ReadonlyMap<string, StoredLog>
  /** When a phase of the run began, if it did. */
  phase(name: EventOf<'phase'>['phase']): At<EventOf<'phase'>> | undefined
}

/** Reads a history. */
export function readFacts(events: readonly HistoryEvent[]): Facts {
  const streams = readStreams(events)
  const lasting = [...streams.values()].filter(({ connect }) => !connect.transient)
  const phases = events.flatMap((event, at) => (event.f === 'phase' ? [{ ...event, at }] : []))
  return {
    events,
    sends: readSends(events),
    streams,
    walks: new Map(lasting.map((stream) => [stream, walk(stream)])),
    truth: readTruth(events),
    phase: (name) => phases.findLast(({ phase }) => phase === name),
  }
}

/** What must hold of every history: one line for each time that it does not. */
export type Invariant = (facts: Facts) => readonly string[]
