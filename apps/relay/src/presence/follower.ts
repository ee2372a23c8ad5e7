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
const offline = 2

/** Asks presence for the states of users; rejects when it is away. */
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

/** Keeps what is known of followed users fresh, and tells their followers; never a stale "online". */
export class Follower {
  readonly #parts: FollowerParts
  readonly #shards = new Map<number, Shard>()
  readonly #tick: Timer
  readonly #returns: Subscription
  #instance: Uint8Array = new Uint8Array()
  #isSettled = false
  #asking = false

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
        for (const user of some) this.#set(user, unknownAvailability, 0)
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
    const knows = bytesEqual(said.instanceId, this.#instance) && said.settled === this.#isSettled
    shard.heardAtMs = this.#parts.scheduler.monotonic()
    const isWhole = knows && said.previousRevision <= shard.revision
    shard.revision = said.revision
    if (!isWhole) {
      void this.refresh(this.#parts.book.all(number))
      return
    }
    for (const { userId, state } of said.users) {
      const user = this.#parts.book.get(userId)
      if (user !== undefined) this.#set(user, this.#shown(state), said.asOfMs)
    }
  }

  #learn(answer: wire.QueryResponse): void {
    this.#instance = answer.instanceId
    this.#isSettled = answer.settled
    for (const { userId, state } of answer.users) {
      const user = this.#parts.book.get(userId)
      if (user === undefined) continue
      this.#set(user, this.#shown(state), answer.asOfMs)
      const shard = this.#shards.get(user.shard)
      if (shard !== undefined) shard.revision = Math.max(shard.revision, answer.revision)
    }
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
    const limitMs = this.#parts.scheduler.monotonic() - silentMs
    const silent = [...this.#shards].filter(([, shard]) => shard.heardAtMs < limitMs)
    if (silent.length === 0 || this.#asking) return
    this.#asking = true
    const users = silent.flatMap(([number]) => this.#parts.book.all(number))
    for (const [, shard] of silent)
      shard.heardAtMs = this.#parts.scheduler.monotonic() - silentMs / 2
    void this.refresh(users).finally(() => (this.#asking = false))
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
