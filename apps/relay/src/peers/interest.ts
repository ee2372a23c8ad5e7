import type { Bus, Subscription } from '@parley/bus'
import type { Scheduler, Timer } from '@parley/service-kit'

/** A subject that nobody here needs any more is left so much later: devices come and go. */
export const graceMs = 10_000
/** A connecting device waits at most so long until the bus knows what it wants to hear. */
export const flushWithinMs = 200

/** What interest needs. */
export interface InterestParts {
  readonly bus: Bus
  readonly scheduler: Scheduler
  /** Takes every message of every subject. */
  hear(payload: Uint8Array, subject: string): void
  /** The bus takes no further subject. */
  refused(subject: string, error: unknown): void
}

interface Wanted {
  readonly subscription: Subscription | undefined
  readonly concerned: () => readonly number[]
  users: number
  leftAtMs: number
}

/** The subjects that sessions here need, each subscribed to once. */
export class Interest {
  readonly #parts: InterestParts
  readonly #subjects = new Map<string, Wanted>()
  readonly #sweep: Timer
  /** Ends with a flush that is to begin, and with the one that is under way. */
  #gathering: Promise<void> | undefined
  #underWay: Promise<void> | undefined
  #isNew = false

  constructor(parts: InterestParts) {
    this.#parts = parts
    this.#sweep = parts.scheduler.every(graceMs / 2, () => this.#leave())
  }

  /** How many subjects are subscribed to. */
  get size(): number {
    return this.#subjects.size
  }

  /** One more needs the subject, which speaks of these conversations. */
  acquire(subject: string, concerned: () => readonly number[]): void {
    const wanted = this.#subjects.get(subject)
    if (wanted !== undefined) wanted.users += 1
    else {
      const subscription = this.#subscribe(subject)
      this.#subjects.set(subject, { subscription, concerned, users: 1, leftAtMs: 0 })
    }
  }

  /** The conversations that are doubtful when something was said on this subject. */
  concernedBy(subject: string): readonly number[] {
    return this.#subjects.get(subject)?.concerned() ?? []
  }

  /** One fewer needs the subject. */
  release(subject: string): void {
    const wanted = this.#subjects.get(subject)
    if (wanted === undefined) return
    wanted.users -= 1
    wanted.leftAtMs = this.#parts.scheduler.monotonic()
  }

  /** Resolves when the bus knows all subjects, or cannot be waited for; one flush per turn for all. */
  ready(): Promise<void> {
    if (this.#isNew) this.#gathering ??= this.#gathered()
    return this.#gathering ?? this.#underWay ?? Promise.resolve()
  }

  close(): void {
    this.#sweep.cancel()
    for (const { subscription } of this.#subjects.values()) subscription?.close()
    this.#subjects.clear()
  }

  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.scheduler.soon(() => {
        const own = this.#gathering
        this.#underWay = own
        this.#gathering = undefined
        this.#isNew = false
        this.#flush(() => {
          if (this.#underWay === own) this.#underWay = undefined
          resolve()
        })
      })
    })
  }

  #flush(done: () => void): void {
    const timer = this.#parts.scheduler.setTimer(flushWithinMs, done)
    const flushed = () => {
      timer.cancel()
      done()
    }
    // While the bus is away, heads are compared later.
    this.#parts.bus.flush().then(flushed, flushed)
  }

  #subscribe(subject: string): Subscription | undefined {
    this.#isNew = true
    try {
      return this.#parts.bus.subscribe(subject, (payload) => this.#parts.hear(payload, subject))
    } catch (error) {
      this.#parts.refused(subject, error)
      return undefined
    }
  }

  #leave(): void {
    const limitMs = this.#parts.scheduler.monotonic() - graceMs
    for (const [subject, { users, leftAtMs, subscription }] of this.#subjects) {
      if (users > 0 || leftAtMs > limitMs) continue
      subscription?.close()
      this.#subjects.delete(subject)
    }
  }
}
