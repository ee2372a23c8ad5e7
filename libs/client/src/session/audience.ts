import type { ClientEvent } from '../client-events.ts'
import { EventQueue } from './event-queue.ts'

/** Everybody who hears of a client's events. */
export class Audience {
  readonly #listeners = new Set<(event: ClientEvent) => void>()
  readonly #queues = new Set<EventQueue>()
  readonly #setPaused: (paused: boolean) => void

  /** `setPaused` hears when a reader cannot follow, and when all can again. */
  constructor(setPaused: (paused: boolean) => void) {
    this.#setPaused = setPaused
  }

  on(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  events(): EventQueue {
    const pressure = () => this.#setPaused([...this.#queues].some((one) => one.isFull))
    const queue = new EventQueue(pressure, (left) => this.#queues.delete(left))
    this.#queues.add(queue)
    return queue
  }

  tell(event: ClientEvent): void {
    for (const listener of this.#listeners) listener(event)
    for (const queue of this.#queues) queue.push(event)
  }

  end(): void {
    for (const queue of this.#queues) queue.end()
  }
}
