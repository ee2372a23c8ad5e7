import type { ClientEvent } from '../client-events.ts'
import type { StateChange } from '../state/local-state.ts'

/** What one frame amounts to: first stored, all or nothing, then told, then done. */
export class Batch {
  readonly changes: StateChange[] = []
  readonly events: ClientEvent[] = []
  readonly #after: (() => void)[] = []
  readonly #answers: (() => void)[] = []

  store(change: StateChange): void {
    this.changes.push(change)
  }

  tell(event: ClientEvent): void {
    this.events.push(event)
  }

  /** Runs once the changes are stored and told. */
  after(fn: () => void): void {
    this.#after.push(fn)
  }

  /** Runs at the end in any case: what the server has answered is so, even if it can't be stored. */
  answer(fn: () => void): void {
    this.#answers.push(fn)
  }

  finish(stored: boolean): void {
    if (stored) for (const fn of this.#after) fn()
    for (const fn of this.#answers) fn()
  }
}
