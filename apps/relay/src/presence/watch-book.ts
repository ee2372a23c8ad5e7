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
  /** Of the followed presence process; how new what is known is. */
  revision: number
}

/** Unknown, as parley.chat.v1.Availability. */
export const unknownAvailability = 1

/** Who follows whom. Every look is at one user, session or shard, however many there are. */
export class WatchBook {
  readonly #users = new Map<string, Watched>()
  readonly #byNumber = new Map<number, Watched>()
  readonly #byShard = new Map<number, Set<Watched>>()
  readonly #bySession = new Map<Session, ReadonlySet<Watched>>()

  /** Replaces whom a session follows and returns them; who stays followed is the same object still. */
  set(session: Session, users: readonly VisibleUser[]): ReadonlySet<Watched> {
    const before = this.of(session)
    const now = new Set(users.map((user) => this.#user(user)))
    for (const user of now) user.sessions.add(session)
    this.#bySession.set(session, now)
    for (const user of before) if (!now.has(user)) this.#leave(session, user)
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

  /** The same by the number of the user. */
  byNumber(user: number): Watched | undefined {
    return this.#byNumber.get(user)
  }

  /** Whom a session follows. */
  of(session: Session): ReadonlySet<Watched> {
    return this.#bySession.get(session) ?? new Set()
  }

  /** The sessions that follow this user. */
  followersOf(user: number): ReadonlySet<Session> {
    return this.#byNumber.get(user)?.sessions ?? new Set()
  }

  /** All that are followed, of one shard or of all. */
  all(shard?: number): Watched[] {
    return [...(shard === undefined ? this.#users.values() : (this.#byShard.get(shard) ?? []))]
  }

  /** Shards with somebody who is followed. */
  shards(): ReadonlySet<number> {
    return new Set(this.#byShard.keys())
  }

  #leave(session: Session, user: Watched): void {
    user.sessions.delete(session)
    if (user.sessions.size > 0) return
    this.#users.delete(bytesKey(user.userId))
    this.#byNumber.delete(user.user)
    const sameShard = this.#byShard.get(user.shard)
    sameShard?.delete(user)
    if (sameShard?.size === 0) this.#byShard.delete(user.shard)
  }

  #user(visible: VisibleUser): Watched {
    const known = this.#byNumber.get(visible.user)
    if (known !== undefined) return known
    const user: Watched = {
      user: visible.user,
      userId: visible.publicId,
      userName: visible.name,
      shard: shardOf(visible.publicId),
      sessions: new Set(),
      availability: unknownAvailability,
      asOfMs: 0,
      revision: 0,
    }
    this.#users.set(bytesKey(user.userId), user)
    this.#byNumber.set(user.user, user)
    this.#byShard.set(user.shard, (this.#byShard.get(user.shard) ?? new Set()).add(user))
    return user
  }
}
