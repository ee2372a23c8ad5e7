import type { Logger, Scheduler } from '@parley/service-kit'
import type { BusCounts, BusListener } from './bus.ts'
import { busLimits } from './limits.ts'

/** `BusCounts` as the parts of one bus count them up. */
export type Tally = { -readonly [K in keyof BusCounts]: number }

/** A tally with nothing counted yet. */
export function newTally(): Tally {
  return { droppedPublishes: 0, droppedDeliveries: 0, listenerFailures: 0, reconnects: 0 }
}

/** What the inboxes of one bus have in common. */
export interface InboxContext {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly tally: Tally
}

/** What waits for one listener: handed over in order, one at a time, never more than the bounds. */
export class Inbox {
  readonly #subject: string
  readonly #listener: BusListener
  readonly #context: InboxContext
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #scheduled = false
  #listenerBusy = false
  #closed = false

  constructor(subject: string, listener: BusListener, context: InboxContext) {
    this.#subject = subject
    this.#listener = listener
    this.#context = context
  }

  /** Takes a message in; the listener gets it in a later turn of the event loop. */
  push(payload: Uint8Array): void {
    if (this.#closed) return
    // A payload may be a window on a large read buffer: what waits long must not pin all of it.
    this.#waiting.push(this.#listenerBusy ? Uint8Array.from(payload) : payload)
    this.#waitingBytes += payload.length
    this.#dropOldest()
    if (this.#scheduled) return
    this.#scheduled = true
    this.#context.scheduler.soon(() => void this.#handOver())
  }

  /** Forgets what waits; the listener is not called again. */
  close(): void {
    this.#closed = true
    this.#waiting = []
    this.#waitingBytes = 0
  }

  #dropOldest(): void {
    const { pendingMessages, pendingBytes } = busLimits
    while (this.#waiting.length > pendingMessages || this.#waitingBytes > pendingBytes) {
      this.#waitingBytes -= this.#waiting.shift()?.length ?? 0
      this.#context.tally.droppedDeliveries += 1
    }
  }

  async #handOver(): Promise<void> {
    for (;;) {
      const payload = this.#waiting.shift()
      if (!payload) break
      this.#waitingBytes -= payload.length
      const work = this.#call(payload)
      if (work) await work
    }
    this.#scheduled = false
  }

  #call(payload: Uint8Array): Promise<void> | undefined {
    try {
      const work = this.#listener(payload, this.#subject)
      if (work === undefined) return undefined
      this.#listenerBusy = true
      return work
        .catch((error: unknown) => this.#failed(error))
        .finally(() => void (this.#listenerBusy = false))
    } catch (error) {
      this.#failed(error)
      return undefined
    }
  }

  #failed(error: unknown): void {
    this.#context.tally.listenerFailures += 1
    this.#context.log.error({ err: error, subject: this.#subject }, 'bus listener failed')
  }
}
