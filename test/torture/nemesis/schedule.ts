import { seededRandom } from '@parley/testkit'

/** What can be done to a part of the system. */
export type FaultName =
  | 'kill'
  | 'stop'
  | 'cut'
  | 'stall'
  | 'latency'
  | 'slices'
  | 'blackhole'
  | 'reset'
  | 'half-open'
  | 'refuse'
  | 'pause-reader'
  | 'hang-up'
  | 'clock'
  | 'few-files'
  | 'slow-disk'

/** How often a fault befalls which parts. */
interface FaultPlan {
  readonly fault: FaultName
  /** One of them each time; empty for faults of clients. */
  readonly members: readonly string[]
  readonly times: number
  /** How long it lasts, least and most; of a kill: how long the part stays away. */
  readonly forMs: readonly [number, number]
}

/** Faults that come one after the other, beside those of other tracks. */
export interface Track {
  readonly name: string
  readonly plans: readonly FaultPlan[]
  /** Messages acknowledged between the end of one fault and the next, least and most. */
  readonly between: readonly [number, number]
}

/** One fault, once. */
export interface Stroke {
  readonly fault: FaultName
  readonly member: string
  readonly forMs: number
  /** So many messages are acknowledged before it. */
  readonly after: number
  /** In the very moment of an acknowledgement. */
  readonly onAck: boolean
  /** What else is left to chance, from 0 to 1. */
  readonly chance: number
}

/** The strokes of a track in their order: the same for the same seed. */
export function schedule(track: Track, seed: number): Stroke[] {
  const random = seededRandom(seed)
  const within = ([least, most]: readonly [number, number]) =>
    Math.round(least + random() * (most - least))
  const strokes = track.plans.flatMap(({ fault, members, times, forMs }) =>
    Array.from({ length: times }, (_, i) => ({
      fault,
      // Each in its turn, so that nobody is spared.
      member: members[i % Math.max(1, members.length)] ?? '',
      forMs: within(forMs),
      after: within(track.between),
      onAck: random() < 0.5,
      chance: random(),
    })),
  )
  return shuffled(strokes, random)
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    const [one, other] = [items[i], items[j]]
    if (one !== undefined && other !== undefined) [items[i], items[j]] = [other, one]
  }
  return items
}
