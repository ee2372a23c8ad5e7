import type { Track } from './nemesis/schedule.ts'
import type { Store } from './world.ts'

/** One round of torture: how much is said while how much breaks. */
export interface Round {
  readonly store: Store
  readonly relays: number
  readonly presences: number
  /** Acknowledged messages that the round lasts at least. */
  readonly messages: number
  /** Of all talkers together. */
  readonly perSecond: number
  readonly tracks: readonly Track[]
}

const sides = ['nats', 'presence', 'file-server', 'img-server']

/** The round of the `ci` profile. */
export function ciRound(store: Store): Round {
  return store === 'sqlite' ? sqliteRound : mariadbRound(2)
}

const sideTrack: Track = {
  name: 'sides',
  between: [60, 300],
  plans: [
    { fault: 'kill', members: sides, times: 28, forMs: [0, 1_000] },
    { fault: 'stop', members: sides, times: 4, forMs: [200, 1_500] },
  ],
}

const clientTrack: Track = {
  name: 'clients',
  between: [60, 400],
  plans: [
    { fault: 'hang-up', members: [], times: 25, forMs: [0, 0] },
    { fault: 'pause-reader', members: [], times: 10, forMs: [500, 3_000] },
  ],
}

function wayTrack(relays: readonly string[]): Track {
  const brief = [100, 1_200] as const
  return {
    name: 'ways',
    between: [100, 500],
    plans: [
      { fault: 'cut', members: relays, times: 4, forMs: [0, 0] },
      { fault: 'stall', members: relays, times: 3, forMs: brief },
      { fault: 'latency', members: relays, times: 3, forMs: brief },
      { fault: 'slices', members: relays, times: 2, forMs: [50, 300] },
      { fault: 'blackhole', members: relays, times: 3, forMs: brief },
      { fault: 'reset', members: relays, times: 3, forMs: brief },
      { fault: 'half-open', members: relays, times: 2, forMs: brief },
      { fault: 'refuse', members: relays, times: 2, forMs: brief },
    ],
  }
}

const sqliteRound: Round = {
  store: 'sqlite',
  relays: 1,
  presences: 1,
  messages: 20_000,
  perSecond: 800,
  tracks: [
    {
      name: 'relays',
      between: [40, 300],
      plans: [
        { fault: 'kill', members: ['relay'], times: 34, forMs: [0, 100] },
        { fault: 'stop', members: ['relay'], times: 4, forMs: [100, 1_500] },
        { fault: 'few-files', members: ['relay'], times: 2, forMs: [500, 1_000] },
        { fault: 'clock', members: ['relay'], times: 2, forMs: [1_500, 2_500] },
        { fault: 'slow-disk', members: ['relay'], times: 2, forMs: [500, 1_000] },
      ],
    },
    sideTrack,
    wayTrack(['relay']),
    clientTrack,
  ],
}

function mariadbRound(count: number): Round {
  const relays = Array.from({ length: count }, (_, i) => (i === 0 ? 'relay' : `relay-${i + 1}`))
  const ways = (to: string) => relays.map((relay) => `${relay}>${to}`)
  const brief = [100, 1_200] as const
  return {
    store: 'mariadb',
    relays: count,
    presences: 2,
    messages: 20_000,
    perSecond: 800,
    tracks: [
      // Each for itself, so that at times there is none.
      ...relays.map((relay): Track => ({
        name: relay,
        between: [40, 500],
        plans: [
          { fault: 'kill', members: [relay], times: 15, forMs: [0, 500] },
          { fault: 'stop', members: [relay], times: 2, forMs: [100, 1_500] },
          { fault: 'few-files', members: [relay], times: 1, forMs: [500, 1_000] },
          { fault: 'clock', members: [relay], times: 1, forMs: [1_500, 2_500] },
        ],
      })),
      {
        name: 'database',
        between: [100, 800],
        plans: [
          { fault: 'kill', members: ['mariadb'], times: 8, forMs: [0, 500] },
          { fault: 'stop', members: ['mariadb'], times: 3, forMs: [200, 2_000] },
          { fault: 'cut', members: ways('mariadb'), times: 8, forMs: [0, 0] },
          { fault: 'stall', members: ways('mariadb'), times: 4, forMs: brief },
          { fault: 'blackhole', members: ways('mariadb'), times: 4, forMs: brief },
          { fault: 'reset', members: ways('mariadb'), times: 4, forMs: brief },
        ],
      },
      {
        name: 'bus',
        between: [200, 1_100],
        plans: [
          { fault: 'cut', members: ways('nats'), times: 4, forMs: [0, 0] },
          { fault: 'stall', members: ways('nats'), times: 4, forMs: brief },
          { fault: 'blackhole', members: ways('nats'), times: 4, forMs: brief },
          { fault: 'refuse', members: ways('nats'), times: 2, forMs: brief },
        ],
      },
      sideTrack,
      wayTrack(relays),
      clientTrack,
    ],
  }
}

/** A round of the `long` profile. */
export function longRound(store: Store): Round {
  const round = store === 'sqlite' ? sqliteRound : mariadbRound(3)
  return { ...round, messages: 30_000 }
}

/** The same round, so many times as large: in messages, and in how often each fault comes. */
export function scaled(round: Round, size: number): Round {
  const tracks = round.tracks.map((track) => ({
    ...track,
    plans: track.plans.map((plan) => ({ ...plan, times: Math.round(plan.times * size) })),
  }))
  return { ...round, messages: Math.round(round.messages * size), tracks }
}
