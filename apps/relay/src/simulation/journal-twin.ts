import { AppError } from '@parley/errors'
import type { Command, Journal, LogRun, Outcome } from '../store/journal.ts'
import type { QueryName } from '../store/queries/index.ts'
import { passes } from '../store/sqlite/lost-batch.ts'
import type { ProcessClock } from './process-clock.ts'
import type { StoreTwin } from './store-twin.ts'

/** How long the disk or the database takes, drawn anew for every step. */
export interface StoreTimes {
  /** How many times slower than usual. */
  factor: number
  /** A database on another machine, that may be away or lose an answer. */
  readonly isServer: boolean
  isAway: boolean
  /** How often an answer to a commit is lost though it was carried out. */
  lostAnswers: number
}

/** What a relay hears of its journal. */
interface JournalTwinEvents {
  fatal(error: Error): void
}

interface Batch {
  readonly commands: readonly Command[]
  /** Handed to the system: it outlives the process, but not the machine. */
  isWritten: boolean
}

/**
 * The journal of one simulated relay: a commit is a write, a sync and an answer, with time between
 * them in which anything may die.
 */
export class JournalTwin implements Journal {
  readonly #store: StoreTwin
  readonly #clock: ProcessClock
  readonly #times: StoreTimes
  readonly #events: JournalTwinEvents
  #underWay: Batch | undefined

  constructor(store: StoreTwin, clock: ProcessClock, times: StoreTimes, events: JournalTwinEvents) {
    this.#store = store
    this.#clock = clock
    this.#times = times
    this.#events = events
  }

  async commit(commands: readonly Command[]): Promise<readonly Outcome[]> {
    const batch: Batch = { commands, isWritten: false }
    this.#underWay = batch
    await this.#takes(0, 1)
    if (this.#times.isAway) throw unavailable('away')
    batch.isWritten = true
    await this.#takes(1, 4)
    this.#underWay = undefined
    if (this.#times.isAway) throw unavailable('gone before the commit')
    const outcomes = this.#sync(batch)
    await this.#takes(0, 1)
    if (this.#clock.world.chance(this.#times.lostAnswers)) throw unavailable('answer lost')
    return outcomes
  }

  async readLog(conversation: number, from: number, to: number, maxBytes: number): Promise<LogRun> {
    await this.#reads(0, 1)
    this.#mustBeThere()
    const run = this.#store.readLog(conversation, from, to, maxBytes)
    await this.#reads(0, 2)
    return run
  }

  async ask(name: QueryName, args: unknown): Promise<never> {
    await this.#reads(0, 1)
    this.#mustBeThere()
    const answer = await this.#store.ask(name, args)
    await this.#reads(0, 3)
    return answer as never
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** The process is gone: what the system had been handed may still be carried out. */
  killed(): void {
    const batch = this.#underWay
    this.#underWay = undefined
    if (batch?.isWritten !== true || this.#times.isAway || !this.#clock.world.chance(0.5)) return
    try {
      this.#store.commit(batch.commands)
    } catch {
      // The disk fails the dead as well; nobody hears of it.
    }
  }

  #sync({ commands }: Batch): Outcome[] {
    try {
      return this.#store.commit(commands)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL'
      const cause = error instanceof Error ? error : new Error(String(error))
      if (!passes(code)) this.#events.fatal(cause)
      throw unavailable(code)
    }
  }

  #mustBeThere(): void {
    if (this.#times.isAway) throw unavailable('away')
  }

  /** Reading hardly suffers when syncs are slow. */
  #reads(fromMs: number, toMs: number): Promise<void> {
    return this.#takes(fromMs, toMs, Math.min(this.#times.factor, 20))
  }

  #takes(fromMs: number, toMs: number, factor = this.#times.factor): Promise<void> {
    const { world } = this.#clock
    const ms = world.between(fromMs, toMs) * factor
    return new Promise((resolve) => {
      this.#clock.setTimer(ms, resolve)
    })
  }
}

function unavailable(what: string): AppError {
  return new AppError('unavailable', 'STORE_UNAVAILABLE', `nothing can be stored: ${what}`)
}
