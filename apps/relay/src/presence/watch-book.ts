import { shardOf } from '@parley/bus'
import { bytesKey } from '../domain/bytes.ts'
import type { Session } from '../session/session.ts'

/** A user whom sessions follow, and what is known of them. */
export interface Watched {
  readonly userId: Uint8Array
  readonly userName: string
  readonly shard: number
  readonly sessions: Set<Session>
  /** As parley.chat.v1.Availability; 1 for unknown. */
  availability: number
  asOfMs: number
}

/** Unknown, as parley.chat.v1.Availability. */
export const unknownAvailability = 1

/** Who follows whom. */
export class WatchBook {
  readonly #users = new Map<string, Watched>()
  readonly #bySession = new Map<Session, readonly Watched[]>()

  /** Replaces whom a session follows and returns them. */
  set(session: Session, users: readonly { publicId: Uint8Array; name: string }[]): Watched[] {
    this.drop(session)
    const watched = users.map(({ publicId, name }) => this.#user(publicId, name))
    for (const user of watched) user.sessions.add(session)
    this.#bySession.set(session, watched)
    return watched
  }

  /** A session follows nobody any more. */
  drop(session: Session): void {
    for (const user of this.#bySession.get(session) ?? []) {
      user.sessions.delete(session)
      if (user.sessions.size === 0) this.#users.delete(bytesKey(user.userId))
    }
    this.#bySession.delete(session)
  }

  get(userId: Uint8Array): Watched | undefined {
    return this.#users.get(bytesKey(userId))
  }

  /** All that are followed, of one shard or of all. */
  all(shard?: number): Watched[] {
    const users = [...this.#users.values()]
    return shard === undefined ? users : users.filter((user) => user.shard === shard)
  }

  /** Shards with somebody who is followed. */
  shards(): Set<number> {
    return new Set(this.all().map((user) => user.shard))
  }

  #user(userId: Uint8Array, userName: string): Watched {
    const key = bytesKey(userId)
    const known = this.#users.get(key)
    if (known !== undefined) return known
    const user: Watched = {
      userId,
      userName,
      shard: shardOf(userId),
      sessions: new Set(),
      availability: unknownAvailability,
      asOfMs: 0,
    }
    this.#users.set(key, user)
    return user
  }
}
