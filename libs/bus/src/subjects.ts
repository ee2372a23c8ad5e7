import { AppError } from '@parley/errors'

/** How many shards the users' presence is spread over. */
export const presenceShards = 64

/** Every subject on the bus, once. */
export const subjects = {
  /** Transitions of merged user states of one shard, 0 to 63: `events.v1.PresenceTransitions`. */
  presence: (shard: number) => `parley.v1.presence.${checkedShard(shard)}`,
  /** What concerns one user: direct conversations, receipts, notices. */
  user: (userId: string) => `parley.v1.user.${checkedId(userId)}`,
  /** What concerns one group. */
  group: (groupId: string) => `parley.v1.group.${checkedId(groupId)}`,
  /** What every relay must hear, rare things only: ended logins, changed contacts, a relay's return. */
  relays: () => 'parley.v1.relays',
} as const

/** What one service may say and hear; `>` stands for the rest of a subject. */
export interface BusUser {
  readonly name: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** The allow-list of each service that uses the bus. */
export const busUsers: readonly BusUser[] = [
  { name: 'presence', publish: ['parley.v1.presence.>'], subscribe: ['_INBOX.>'] },
  {
    name: 'relay',
    publish: ['parley.v1.user.>', 'parley.v1.group.>', 'parley.v1.relays', '_INBOX.>'],
    subscribe: [
      'parley.v1.presence.>',
      'parley.v1.user.>',
      'parley.v1.group.>',
      'parley.v1.relays',
      '_INBOX.>',
    ],
  },
]

/** The shard of a user, 0 to 63: FNV-1a of the 16 bytes of the id, the same in every process. */
export function shardOf(userId: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of userId) hash = Math.imul(hash ^ byte, 0x01000193)
  // The low bits of FNV are its weakest: fold the high ones in.
  return ((hash >>> 24) ^ (hash >>> 12) ^ hash) & (presenceShards - 1)
}

const idShape = /^[A-Za-z0-9_-]{1,64}$/

function checkedId(id: string): string {
  if (idShape.test(id)) return id
  throw new AppError('invalid', 'SUBJECT_INVALID', 'an id in a subject matches [A-Za-z0-9_-]+')
}

function checkedShard(shard: number): number {
  if (Number.isInteger(shard) && shard >= 0 && shard < presenceShards) return shard
  throw new AppError('invalid', 'SUBJECT_INVALID', `a shard is 0 to ${presenceShards - 1}`)
}
