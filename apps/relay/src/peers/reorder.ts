import type { Scheduler, Timer } from '@parley/service-kit'
import type { Hub } from '../hub/hub.ts'
import type { Appended } from '../store/journal.ts'
import { noEffects } from '../store/journal.ts'

/** An entry that came before its predecessor waits at most so long for it; then the log is read. */
export const reorderMs = 5
/** Entries that wait; one more is delivered at once. */
export const maxHeld = 10_000

/** Entries of several relays in the order of their logs, as far as a short wait can do it. */
export class Reorder {
  readonly #hub: Hub
  readonly #scheduler: Scheduler
  /** By conversation, by number. */
  readonly #held = new Map<number, Map<number, Appended>>()
  #count = 0
  #timer: Timer | undefined

  constructor(hub: Hub, scheduler: Scheduler) {
    this.#hub = hub
    this.#scheduler = scheduler
  }

  /** Delivers an entry, now or when its predecessor is there. */
  take(appended: Appended): void {
    const { conversation, seq } = appended
    const head = this.#hub.headOf(conversation)
    const isEarly = head > 0 && seq > head + 1 && this.#count < maxHeld
    if (isEarly && this.#hub.following(conversation).size > 0) {
      this.#hold(appended)
      return
    }
    this.#deliver(appended)
    this.caughtUp(conversation)
  }

  /** An entry of this conversation was delivered: the next ones may be waiting. */
  caughtUp(conversation: number): void {
    const held = this.#held.get(conversation)
    if (held === undefined) return
    for (;;) {
      const next = held.get(this.#hub.headOf(conversation) + 1)
      if (next === undefined) return
      this.#drop(held, next)
      this.#deliver(next)
    }
  }

  close(): void {
    this.#timer?.cancel()
    this.#held.clear()
  }

  #hold(appended: Appended): void {
    const { conversation, seq } = appended
    const held = this.#held.get(conversation) ?? new Map<number, Appended>()
    this.#held.set(conversation, held)
    if (!held.has(seq)) this.#count += 1
    held.set(seq, appended)
    this.#timer ??= this.#scheduler.setTimer(reorderMs, () => this.#giveUp())
  }

  #drop(held: Map<number, Appended>, { conversation, seq }: Appended): void {
    if (held.delete(seq)) this.#count -= 1
    if (held.size === 0) this.#held.delete(conversation)
  }

  #giveUp(): void {
    this.#timer = undefined
    const all = [...this.#held.values()]
    this.#held.clear()
    this.#count = 0
    for (const held of all) {
      for (const appended of [...held.values()].sort((one, other) => one.seq - other.seq)) {
        this.#deliver(appended)
      }
    }
  }

  #deliver(appended: Appended): void {
    this.#hub.apply({ ...noEffects, entries: [appended] }, undefined)
  }
}
