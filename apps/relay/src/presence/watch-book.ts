import { shardOf } from '@parley/bus'
import { bytesKey } from '../domain/bytes.ts'
import type { Session } from '../session/session.ts'
import type { VisibleUser } from '../store/queries/visible-users.ts'

/** A user whom sessions follow, and what is known of them. */
export interface Watched {
  readonly user: number
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

  /** Replaces whom a session follows and returns them; who stays followed is the same object still. */
  set(session: Session, users: readonly VisibleUser[]): readonly Watched[] {
    const before = this.of(session)
    const now = users.map((user) => this.#user(user))
    for (const user of now) user.sessions.add(session)
    this.#bySession.set(session, now)
    for (const user of before) if (!now.includes(user)) this.#leave(session, user)
    return now
  }

  /** A session follows nobody any more. */
  drop(session: Session): void {
    for (const user of this.of(session)) this.#leave(session, user)
    this.#bySession.delete(session)
  }

  get(userId: Uint8Array): Watched | undefined {
    return this.#users.get(bytesKey(userId))
  }

  /** Whom a session follows. */
  of(session: Session): readonly Watched[] {
    return this.#bySession.get(session) ?? []
  }

  /** Sessions that follow this user, and sessions of this user that follow somebody. */
  concernedBy(user: number): Session[] {
    return [...this.#bySession].flatMap(([session, watched]) => {
      const isOwn = session.identity.user === user
      return isOwn || watched.some((each) => each.user === user) ? [session] : []
    })
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

  #leave(session: Session, user: Watched): void {
    user.sessions.delete(session)
    if (user.sessions.size === 0) this.#users.delete(bytesKey(user.userId))
  }

  #user({ user: number, publicId: userId, name: userName }: VisibleUser): Watched {
    const key = bytesKey(userId)
    const known = this.#users.get(key)
    if (known !== undefined) return known
    const user: Watched = {
      user: number,
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
