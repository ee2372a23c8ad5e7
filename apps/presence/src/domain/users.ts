import { availability } from './availability.ts'
import type { Availability } from './availability.ts'
import type { Lease, Session, User } from './session.ts'
import { SortedIds } from './sorted-ids.ts'

/** What watchers are told of one user. */
export interface Transition {
  readonly userId: string
  readonly shard: number
  readonly state: Availability
  readonly sinceMs: number
}

/** The bounds of what presence holds. */
export interface UserBounds {
  readonly maxUsers: number
  readonly maxDevicesPerUser: number
}

/** Which users a reader wants next. */
export interface PageRequest {
  /** The last user of the page before, or the empty text. */
  readonly after: string
  readonly limit: number
  readonly shards: ReadonlySet<number>
}

/** Some users who are not offline, and whether there are more. */
export interface Page {
  readonly users: readonly Transition[]
  readonly more: boolean
}

/**
 * Every user's sessions merged into one state: that of the most available device. Readers see
 * what was last taken for publication, so that a page and the revision it names agree.
 */
export class Users {
  readonly #users = new Map<string, User>()
  readonly #visible: SortedIds[]
  readonly #changed = new Set<User>()
  readonly #bounds: UserBounds
  readonly #shardOf: (userId: string) => number

  constructor(shards: number, shardOf: (userId: string) => number, bounds: UserBounds) {
    this.#visible = Array.from({ length: shards }, () => new SortedIds())
    this.#shardOf = shardOf
    this.#bounds = bounds
  }

  /** Users held, offline ones that were not yet told included. */
  get size(): number {
    return this.#users.size
  }

  /** Users whose sessions changed since their state was last taken. */
  get changed(): number {
    return this.#changed.size
  }

  /** The sessions of a user on any relay. */
  sessionsOf(userId: string): readonly Session[] {
    return this.#users.get(userId)?.sessions ?? []
  }

  /** A new session, or undefined when a bound is reached. */
  open(userId: string, deviceId: string, lease: Lease, state: Availability): Session | undefined {
    const user = this.#users.get(userId) ?? this.#newUser(userId)
    if (!user || user.sessions.length >= this.#bounds.maxDevicesPerUser) return undefined
    const session: Session = { user, deviceId, lease, state, endsAtMs: undefined }
    user.sessions.push(session)
    lease.sessions.add(session)
    this.#changed.add(user)
    return session
  }

  /** The session now has this state. */
  set(session: Session, state: Availability): void {
    if (session.state === state) return
    session.state = state
    this.#changed.add(session.user)
  }

  /** Removes a session; harmless when it is gone already. */
  end(session: Session): void {
    if (!session.lease.sessions.delete(session)) return
    const { sessions } = session.user
    sessions.splice(sessions.indexOf(session), 1)
    this.#changed.add(session.user)
  }

  /** The changes of merged states since they were last taken, at most `limit`, as of this wall clock. */
  takeTransitions(limit: number, wallMs: number): Transition[] {
    const transitions: Transition[] = []
    for (const user of this.#changed) {
      if (transitions.length >= limit) break
      this.#changed.delete(user)
      const state = mergedState(user)
      if (state !== user.shown) transitions.push(this.#show(user, state, wallMs))
      if (user.sessions.length === 0) this.#users.delete(user.id)
    }
    return transitions
  }

  /** What watchers know of a user: offline since an unknown time, 0, when there is nothing. */
  shown(userId: string): Transition {
    const user = this.#users.get(userId)
    if (user) return transition(user)
    return { userId, shard: this.#shardOf(userId), state: availability.offline, sinceMs: 0 }
  }

  /** Users who are not offline, shard by shard and in the order of their ids within one. */
  page(request: PageRequest): Page {
    const { after, limit, shards } = request
    const firstShard = after === '' ? 0 : this.#shardOf(after)
    const ids: string[] = []
    for (let shard = firstShard; shard < this.#visible.length && ids.length <= limit; shard += 1) {
      if (!shards.has(shard)) continue
      const from = shard === firstShard ? after : ''
      ids.push(...(this.#visible[shard]?.after(from, limit + 1 - ids.length) ?? []))
    }
    return { users: ids.slice(0, limit).map((id) => this.shown(id)), more: ids.length > limit }
  }

  #newUser(id: string): User | undefined {
    if (this.#users.size >= this.#bounds.maxUsers) return undefined
    const shard = this.#shardOf(id)
    const user: User = { id, shard, sessions: [], shown: availability.offline, sinceMs: 0 }
    this.#users.set(id, user)
    return user
  }

  #show(user: User, state: Availability, wallMs: number): Transition {
    if (state === availability.offline) this.#visible[user.shard]?.delete(user.id)
    else this.#visible[user.shard]?.add(user.id)
    user.shown = state
    user.sinceMs = wallMs
    return transition(user)
  }
}

function transition(user: User): Transition {
  return { userId: user.id, shard: user.shard, state: user.shown, sinceMs: user.sinceMs }
}

function mergedState(user: User): Availability {
  let best: Availability = availability.offline
  for (const { state } of user.sessions) if (state > best) best = state
  return best
}
