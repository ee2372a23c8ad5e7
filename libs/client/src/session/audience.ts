import type { ClientEvent } from '../client-events.ts'
import { EventQueue } from './event-queue.ts'

/** Everybody who hears of a client's events. */
export class Audience {
  readonly #listeners = new Set<(event: ClientEvent) => void>()
  readonly #queues = new Set<EventQueue>()
  readonly #setPaused: (paused: boolean) => void

  readonly #shown: (conversationId: string, seq: number) => void

  /**
   * `setPaused` hears when a reader cannot follow, and when all can again; `shown` up to where all
   * have been through a conversation.
   */
  constructor(
    setPaused: (paused: boolean) => void,
    shown: (conversationId: string, seq: number) => void,
  ) {
    this.#setPaused = setPaused
    this.#shown = shown
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
    const done = this.#afterAll(event)
    for (const queue of this.#queues) queue.push(event, done)
  }

  #afterAll(event: ClientEvent): () => void {
    if (event.type !== 'entries') return () => undefined
    const { conversation, firstSeq, entries } = event
    const shown = () => this.#shown(conversation.conversationId, firstSeq + entries.length - 1)
    let left = this.#queues.size
    if (left === 0) shown()
    return () => {
      left -= 1
      if (left === 0) shown()
    }
  }

  end(): void {
    for (const queue of this.#queues) queue.end()
  }
}
