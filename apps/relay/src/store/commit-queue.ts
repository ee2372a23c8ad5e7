import { AppError } from '@parley/errors'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { ScriptName } from '../commands/index.ts'
import type { Command, CommandOf, Journal, Outcome, OutcomeOf } from './journal.ts'

/** The most commands waiting; one more is told at once that its outcome is not known. */
export const maxQueued = 20_000
/** The most commands of one transaction. */
export const maxBatch = 1024
/** When a command's fate is called unresolved, so that its sender hears within 10 s. */
export const unresolvedAfterMs = 8_000

/** Somebody who waits for a command. Called once: with its outcome, or undefined when it is not known. */
export interface Waiter {
  settled(outcome: Outcome | undefined): void
}

/**
 * Hears every committed outcome, after its waiter, in the order of the log. There is no waiter when
 * it had been told that the outcome is not known: it learns of it like everybody else.
 */
export type Committed = (outcome: Outcome & { ok: true }, waiter: Waiter | undefined) => void

interface Slot {
  readonly command: Command
  readonly waiter: Waiter
  readonly queuedAtMs: number
  told: boolean
}

/** Group commit: while one batch is on its way to disk the next one gathers. */
export class CommitQueue {
  readonly #journal: Journal
  readonly #scheduler: Scheduler
  readonly #committed: Committed
  readonly #sweep: Timer
  #waiting: Slot[] = []
  #underWay: Slot[] = []
  #idle: (() => void)[] = []

  constructor(journal: Journal, scheduler: Scheduler, committed: Committed) {
    this.#journal = journal
    this.#scheduler = scheduler
    this.#committed = committed
    this.#sweep = scheduler.every(1_000, () => this.#tellOverdue())
  }

  /** How many commands have no outcome yet. */
  get depth(): number {
    return this.#waiting.length + this.#underWay.length
  }

  /** Queues a command; its waiter hears later, or now when the queue is full. */
  push(command: Command, waiter: Waiter): void {
    if (this.#waiting.length >= maxQueued) {
      waiter.settled(undefined)
      return
    }
    const queuedAtMs = this.#scheduler.monotonic()
    this.#waiting.push({ command, waiter, queuedAtMs, told: false })
    // Commands of the same turn of the event loop share the batch.
    if (this.#underWay.length === 0 && this.#waiting.length === 1) {
      this.#scheduler.soon(() => this.#next())
    }
  }

  /** Commits one command; throws `AppError` unavailable OUTCOME_UNKNOWN when nobody knows its fate. */
  run<Name extends ScriptName>(command: CommandOf<Name>): Promise<OutcomeOf<Name>> {
    return new Promise((resolve, reject) => {
      this.push(command as unknown as Command, {
        settled(outcome) {
          if (outcome !== undefined) resolve(outcome as OutcomeOf<Name>)
          else reject(unknownOutcome())
        },
      })
    })
  }

  /** Settles when nothing waits, then takes no timer any more. */
  async close(): Promise<void> {
    if (this.depth > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#sweep.cancel()
  }

  #next(): void {
    if (this.#underWay.length > 0) return
    if (this.#waiting.length === 0) {
      for (const resolve of this.#idle.splice(0)) resolve()
      return
    }
    this.#underWay = this.#waiting.splice(0, maxBatch)
    this.#journal.commit(this.#underWay.map((slot) => slot.command)).then(
      (outcomes) => this.#settle(outcomes),
      () => this.#lost(),
    )
  }

  /**
   * The batch, or what is left of it, is lost or its fate unknown. What waits behind it must not
   * overtake it: a sender's order would break when the lost ones are repeated. So all of it is to be
   * repeated.
   */
  #lost(): void {
    const slots = [...this.#underWay, ...this.#waiting]
    this.#underWay = []
    this.#waiting = []
    for (const slot of slots) if (!slot.told) slot.waiter.settled(undefined)
    this.#next()
  }

  #settle(outcomes: readonly Outcome[]): void {
    const slots = this.#underWay.splice(0, outcomes.length)
    if (this.#underWay.length > 0) {
      this.#tell(slots, outcomes)
      this.#lost()
      return
    }
    // The next batch goes to disk while this one is told.
    this.#next()
    this.#tell(slots, outcomes)
  }

  #tell(slots: readonly Slot[], outcomes: readonly Outcome[]): void {
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i]
      const outcome = outcomes[i]
      if (slot === undefined || outcome === undefined) continue
      const waiter = slot.told ? undefined : slot.waiter
      waiter?.settled(outcome)
      if (outcome.ok) this.#committed(outcome, waiter)
    }
  }

  #tellOverdue(): void {
    const limitMs = this.#scheduler.monotonic() - unresolvedAfterMs
    for (const slots of [this.#underWay, this.#waiting]) {
      for (const slot of slots) {
        if (slot.queuedAtMs > limitMs) break
        if (!slot.told) slot.waiter.settled(undefined)
        slot.told = true
      }
    }
  }
}

function unknownOutcome(): AppError {
  return new AppError(
    'unavailable',
    'OUTCOME_UNKNOWN',
    'it is not known whether this was done; the same request may be repeated',
  )
}
