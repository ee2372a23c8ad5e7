import type { ClientEvent } from '../client-events.ts'

const highWater = 1_000
const lowWater = 500

interface Waiting {
  readonly event: ClientEvent
  readonly done: () => void
}

/** Events for one reader that takes them at its own pace. */
export class EventQueue implements AsyncIterableIterator<ClientEvent> {
  readonly #pressure: () => void
  readonly #left: (queue: EventQueue) => void
  #events: Waiting[] = []
  /** What the reader has been given and not come back from. */
  #given: Waiting | undefined
  #waiting: ((result: IteratorResult<ClientEvent>) => void)[] = []
  #isFull = false
  #ended = false

  /** `pressure` is called when `isFull` changes, `left` when the reader goes. */
  constructor(pressure: () => void, left: (queue: EventQueue) => void) {
    this.#pressure = pressure
    this.#left = left
  }

  /** True from 1,000 events waiting until fewer than 500 do: read no more from the server then. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** `done` is called when the reader comes back for the next event, or goes. */
  push(event: ClientEvent, done: () => void): void {
    if (this.#ended) return
    const waiting = this.#waiting.shift()
    if (waiting) {
      this.#given = { event, done }
      return waiting({ done: false, value: event })
    }
    this.#events.push({ event, done })
    if (!this.#isFull && this.#events.length >= highWater) this.#setFull(true)
  }

  /** Ends the iteration after what waits. */
  end(): void {
    this.#ended = true
    for (const waiting of this.#waiting) waiting({ done: true, value: undefined })
    this.#waiting = []
  }

  next(): Promise<IteratorResult<ClientEvent>> {
    this.#given?.done()
    this.#given = this.#events.shift()
    if (this.#isFull && this.#events.length < lowWater) this.#setFull(false)
    if (this.#given) return Promise.resolve({ done: false, value: this.#given.event })
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  return(): Promise<IteratorResult<ClientEvent>> {
    for (const { done } of [...(this.#given ? [this.#given] : []), ...this.#events]) done()
    this.#given = undefined
    this.#events = []
    this.end()
    this.#left(this)
    if (this.#isFull) this.#setFull(false)
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #setFull(full: boolean): void {
    this.#isFull = full
    this.#pressure()
  }
}
