import { subjects } from '@parley/bus'
import type { Bus, Subscription } from '@parley/bus'
import { events } from '@parley/proto'
import type { presence as wire } from '@parley/proto'
import type { Logger, Scheduler, Timer } from '@parley/service-kit'
import { bytesEqual } from '../domain/bytes.ts'
import { framed } from '../session/frames.ts'
import type { FramedEvent } from '../session/frames.ts'
import type { Session } from '../session/session.ts'
import { unknownAvailability } from './watch-book.ts'
import type { Watched, WatchBook } from './watch-book.ts'

/** The most users asked for at once. */
const usersPerQuery = 1_000
/** A shard that is silent for so long is asked for over gRPC; presence speaks every 5 s. */
const silentMs = 8_000
/** Users about whom nobody answered are asked for again after so long. */
const askAgainMs = 4_000
const offline = 2

/** Asks the presence process that is followed for the states of users; rejects when none answers. */
type AskStates = (userIds: readonly Uint8Array[]) => Promise<wire.QueryResponse>

/** What a follower needs. */
export interface FollowerParts {
  readonly bus: Bus
  readonly book: WatchBook
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly ask: AskStates
}

interface Shard {
  readonly subscription: Subscription
  revision: number
  heardAtMs: number
}

/**
 * Keeps what is known of followed users fresh, and tells their followers; never a stale "online". Of
 * several presence processes only the one that answers is heard: their revisions do not compare.
 */
export class Follower {
  readonly #parts: FollowerParts
  readonly #shards = new Map<number, Shard>()
  readonly #tick: Timer
  readonly #returns: Subscription
  readonly #unanswered = new Set<Watched>()
  #instance: Uint8Array = new Uint8Array()
  #isSettled = false
  #asking = false
  #askAgainAtMs = 0

  constructor(parts: FollowerParts) {
    this.#parts = parts
    this.#tick = parts.scheduler.every(1_000, () => this.#check())
    this.#returns = parts.bus.onReconnect(() => void this.refresh(parts.book.all()))
  }

  /** Subscribes to the shards of all followed users, and leaves the others. */
  adjust(): void {
    const wanted = this.#parts.book.shards()
    for (const [number, shard] of this.#shards) {
      if (wanted.has(number)) continue
      shard.subscription.close()
      this.#shards.delete(number)
    }
    for (const number of wanted) if (!this.#shards.has(number)) this.#subscribe(number)
  }

  /** Asks for the states of these users and tells what has changed; all are unknown when nobody answers. */
  async refresh(users: readonly Watched[]): Promise<void> {
    for (let at = 0; at < users.length; at += usersPerQuery) {
      const some = users.slice(at, at + usersPerQuery)
      try {
        this.#learn(await this.#parts.ask(some.map((user) => user.userId)))
      } catch (err) {
        this.#parts.log.debug({ err }, 'presence cannot be asked')
        for (const user of some) this.#lose(user)
      }
    }
  }

  close(): void {
    this.#tick.cancel()
    this.#returns.close()
    for (const shard of this.#shards.values()) shard.subscription.close()
  }

  #subscribe(number: number): void {
    const { bus, scheduler } = this.#parts
    const subscription = bus.subscribe(subjects.presence(number), (payload) =>
      this.#hear(number, payload),
    )
    this.#shards.set(number, { subscription, revision: 0, heardAtMs: scheduler.monotonic() })
  }

  #hear(number: number, payload: Uint8Array): void {
    const shard = this.#shards.get(number)
    if (shard === undefined) return
    const said = events.PresenceTransitions.decode(payload)
    if (!bytesEqual(said.instanceId, this.#instance)) return
    shard.heardAtMs = this.#parts.scheduler.monotonic()
    const missing = this.#whoLacks(number, shard, said)
    shard.revision = Math.max(shard.revision, said.revision)
    for (const { userId, state } of said.users) {
      const user = this.#parts.book.get(userId)
      // Not what is older than an answer that was quicker than the bus.
      if (user === undefined || user.revision >= said.revision) continue
      user.revision = said.revision
      this.#set(user, this.#shown(state), said.asOfMs)
    }
    if (missing.size > 0) void this.refresh([...missing])
  }

  /** Of whom something that went out before this batch was missed. */
  #whoLacks(number: number, shard: Shard, said: events.PresenceTransitions): ReadonlySet<Watched> {
    const all = () => this.#parts.book.all(number)
    if (said.settled !== this.#isSettled) return new Set(all())
    const { previousRevision } = said
    if (previousRevision <= shard.revision) return new Set()
    return new Set(all().filter((user) => user.revision < previousRevision))
  }

  #learn(answer: wire.QueryResponse): void {
    if (!bytesEqual(answer.instanceId, this.#instance)) this.#turnTo(answer.instanceId)
    this.#isSettled = answer.settled
    for (const { userId, state } of answer.users) {
      const user = this.#parts.book.get(userId)
      // The bus may have been quicker than the answer.
      if (user === undefined || user.revision > answer.revision) continue
      user.revision = answer.revision
      this.#unanswered.delete(user)
      this.#set(user, this.#shown(state), answer.asOfMs)
    }
  }

  /** From here on another process counts, with revisions of its own. */
  #turnTo(instanceId: Uint8Array): void {
    this.#instance = instanceId
    for (const user of this.#parts.book.all()) user.revision = 0
    for (const shard of this.#shards.values()) shard.revision = 0
  }

  #lose(user: Watched): void {
    this.#unanswered.add(user)
    user.revision = 0
    this.#set(user, unknownAvailability, 0)
  }

  /** Before all relays have reported, who is absent is not known to be offline. */
  #shown(state: wire.State): number {
    return state === offline && !this.#isSettled ? unknownAvailability : state
  }

  #set(user: Watched, availability: number, asOfMs: number): void {
    const isNews = user.availability !== availability
    user.availability = availability
    user.asOfMs = asOfMs
    if (!isNews) return
    const event = framedStates([user])
    for (const session of user.sessions) session.mention(presenceKey(user), event)
  }

  /** While the bus or presence is silent, presence is asked directly; when that fails too, nothing is known. */
  #check(): void {
    if (this.#asking) return
    const nowMs = this.#parts.scheduler.monotonic()
    const silent = [...this.#shards].filter(([, shard]) => shard.heardAtMs < nowMs - silentMs)
    const users = new Set(silent.flatMap(([number]) => this.#parts.book.all(number)))
    for (const [, shard] of silent) shard.heardAtMs = nowMs - silentMs + askAgainMs
    if (nowMs >= this.#askAgainAtMs) for (const user of this.#takeUnanswered()) users.add(user)
    if (users.size === 0) return
    this.#askAgainAtMs = nowMs + askAgainMs
    this.#asking = true
    void this.refresh([...users]).finally(() => (this.#asking = false))
  }

  #takeUnanswered(): Watched[] {
    const users = [...this.#unanswered].filter((user) => user.sessions.size > 0)
    this.#unanswered.clear()
    return users
  }
}

/** One key for all news of a user's presence. */
function presenceKey(user: Watched): string {
  return `presence/${Buffer.from(user.userId).toString('hex')}`
}

/** Tells a session what is known of users. */
export function tellStates(session: Session, users: Iterable<Watched>): void {
  for (const user of users) session.mention(presenceKey(user), framedStates([user]))
}

/** Tells a session that it may not see these users any more. */
export function tellUnknown(session: Session, users: Iterable<Watched>): void {
  for (const user of users) {
    const unknown = { ...user, availability: unknownAvailability, asOfMs: 0 }
    session.mention(presenceKey(user), framedStates([unknown]))
  }
}

function framedStates(users: readonly Watched[]): FramedEvent {
  const states = users.map(({ userId, userName, availability, asOfMs }) => ({
    userId,
    userName,
    availability: availability as 0,
    asOfMs,
  }))
  return framed({ $case: 'presenceChanged', value: { users: states } })
}
