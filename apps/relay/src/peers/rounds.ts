import type { Scheduler, Timer } from '@parley/service-kit'
import { isAway } from '../session/is-away.ts'
import { loadMissing, loadPlace } from '../session/load-places.ts'
import type { Engine } from '../session/engine.ts'
import type { Session } from '../session/session.ts'
import { perQuestion } from './heads-check.ts'
import type { HeadsCheck } from './heads-check.ts'
import type { Standings } from './standings.ts'

/** Everything that sessions here follow is compared with the store so often. */
const roundEveryMs = 5_000

/** After commands whose fate is not known it is compared so often, until the store has answered so many times. */
const lookEveryMs = 300
const looksAfterwards = 3

/** What rounds need. */
export interface RoundsParts {
  readonly scheduler: Scheduler
  readonly heads: HeadsCheck
  readonly standings: Standings
  engine(): Engine
  failed(session: Session, error: unknown): void
}

/** Compares, now and then and when asked, all that sessions follow with the store. */
export class Rounds {
  readonly #parts: RoundsParts
  readonly #tick: Timer
  /** How many stays the store had when a session was last loaded for their sake. */
  readonly #loadedAt = new WeakMap<Session, number>()
  /** Looks for what was stored untold that are still to be answered. */
  #looks = 0
  #nextLook: Timer | undefined
  #running = false
  #again = false
  #isOver = false

  constructor(parts: RoundsParts) {
    this.#parts = parts
    this.#tick = parts.scheduler.every(roundEveryMs, () => this.now())
  }

  /** Begins a round; one that is under way is followed by another. */
  now(): void {
    this.#again = true
    if (!this.#running) void this.#run()
  }

  /** Nobody knows what became of commands: looks for what was stored as soon as the store answers. */
  unresolved(): void {
    this.#looks = looksAfterwards
    this.#lookSoon()
  }

  close(): void {
    this.#isOver = true
    this.#nextLook?.cancel()
    this.#tick.cancel()
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#again && !this.#isOver) {
      this.#again = false
      const isAnswered = await this.#parts.heads.round(this.#parts.engine().hub.followed())
      if (isAnswered && this.#looks > 0) this.#looks -= 1
      await this.#compareStays()
      await this.#parts.standings.compare()
    }
    this.#running = false
    if (this.#looks > 0) this.#lookSoon()
  }

  #lookSoon(): void {
    if (this.#isOver) return
    this.#nextLook ??= this.#parts.scheduler.setTimer(lookEveryMs, () => {
      this.#nextLook = undefined
      this.now()
    })
  }

  /** A user may have been given a conversation of which nobody here has heard. */
  async #compareStays(): Promise<void> {
    const { hub, journal } = this.#parts.engine()
    const users = hub.users()
    for (let at = 0; at < users.length && !this.#isOver; at += perQuestion) {
      const some = users.slice(at, at + perQuestion)
      const counts = await journal.ask('stayCounts', { users: some }).catch(() => [])
      for (const { user, stays } of counts) {
        for (const session of hub.sessionsOf(user)) await this.#compare(session, stays)
      }
    }
  }

  async #compare(session: Session, stays: number): Promise<void> {
    if (session.isTransient || !session.isLoaded || session.isOver) return
    await this.#followAgain(session)
    // One with more conversations than a session follows never knows them all.
    if (knownStays(session) === stays || this.#loadedAt.get(session) === stays) return
    try {
      await loadMissing(this.#parts.engine(), session)
      this.#loadedAt.set(session, stays)
    } catch (error) {
      // What cannot be asked now is compared in the next round.
      if (!isAway(error)) this.#parts.failed(session, error)
    }
  }

  /** A session that may see a conversation and does not hear of it: whatever was told, it must. */
  async #followAgain(session: Session): Promise<void> {
    const engine = this.#parts.engine()
    for (const { conversation, stays } of session.places.values()) {
      if (stays.at(-1)?.to !== Infinity) continue
      if (engine.hub.following(conversation).has(session)) continue
      try {
        await loadPlace(engine, session, conversation)
      } catch (error) {
        if (!isAway(error)) this.#parts.failed(session, error)
      }
    }
  }
}

function knownStays(session: Session): number {
  let stays = 0
  for (const place of session.places.values()) stays += place.stays.length
  return stays
}
