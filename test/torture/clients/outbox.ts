import type { CommandCase } from './command.ts'

/** A message that has no final answer yet. */
export interface Pending {
  /** UUIDv7 text. */
  readonly id: string
  /** Where it goes: order is kept within it. */
  readonly place: string
  /** What is written, the same bytes at every attempt. */
  readonly command: CommandCase
  written: boolean
}

interface Lane {
  readonly items: Pending[]
  /** Something came back unresolved: nothing more is written until all that is under way is answered. */
  settling: boolean
}

/** What a naive device has to send: in order within each place, repeated until it is final. */
export class Outbox {
  readonly #lanes = new Map<string, Lane>()
  readonly #byId = new Map<string, Pending>()
  #written = 0

  get size(): number {
    return this.#byId.size
  }

  add(message: Omit<Pending, 'written'>): void {
    const pending = { ...message, written: false }
    const lane = this.#lanes.get(message.place) ?? { items: [], settling: false }
    this.#lanes.set(message.place, lane)
    lane.items.push(pending)
    this.#byId.set(pending.id, pending)
  }

  /** The next messages to write so that at most `window` are under way; they count as written. */
  take(window: number): Pending[] {
    const taken: Pending[] = []
    for (const lane of this.#lanes.values()) {
      if (lane.settling) continue
      for (const item of lane.items) {
        if (this.#written >= window) return taken
        if (item.written) continue
        item.written = true
        this.#written += 1
        taken.push(item)
      }
    }
    return taken
  }

  /** A final answer; answers false when there is no such message any more. */
  settle(id: string): boolean {
    const item = this.#byId.get(id)
    if (!item) return false
    this.#byId.delete(id)
    const lane = this.#answered(item)
    lane.items.splice(lane.items.indexOf(item), 1)
    if (lane.items.length === 0) this.#lanes.delete(item.place)
    return true
  }

  /** No final answer: it is written again, after all others of its lane have been answered. */
  again(id: string): void {
    const item = this.#byId.get(id)
    if (!item?.written) return
    const lane = this.#laneOf(item)
    lane.settling = true
    this.#answered(item)
  }

  /** The stream is gone: nothing is under way any more. Answers what was. */
  lost(): Pending[] {
    const under = [...this.#byId.values()].filter((item) => item.written)
    for (const item of under) item.written = false
    for (const lane of this.#lanes.values()) lane.settling = false
    this.#written = 0
    return under
  }

  #answered(item: Pending): Lane {
    const lane = this.#laneOf(item)
    if (item.written) this.#written -= 1
    item.written = false
    if (lane.items.every(({ written }) => !written)) lane.settling = false
    return lane
  }

  #laneOf(item: Pending): Lane {
    const lane = this.#lanes.get(item.place)
    if (lane) return lane
    throw new Error(`no lane for ${item.place}`)
  }
}
