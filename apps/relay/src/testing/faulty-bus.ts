import type { Bus, BusCounts, BusListener, Subscription } from '@parley/bus'
import type { Scheduler } from '@parley/service-kit'

/** What a bus does to messages; it says nothing of it. */
export interface BusFaults {
  /** How likely a message is lost, 0 to 1. */
  loss: number
  /** How likely it comes twice. */
  repetition: number
  /** How late it is at most; others overtake it. */
  delayMs: number
}

/** A bus that loses, repeats, delays and so reorders what is published by it. */
export class FaultyBus implements Bus {
  readonly faults: BusFaults
  /** How long a new subscription hears nothing yet although it was flushed, as in a cluster. */
  deafMs = 0
  /** What was published, lost or not. */
  readonly published: { readonly subject: string; readonly payload: Uint8Array }[] = []
  readonly #bus: Bus
  readonly #returns = new Set<() => void>()
  readonly #scheduler: Scheduler

  /** Its faults are its own unless they are given, and then shared. */
  constructor(
    bus: Bus,
    scheduler: Scheduler,
    faults: BusFaults = { loss: 0, repetition: 0, delayMs: 0 },
  ) {
    this.faults = faults
    this.#bus = bus
    this.#scheduler = scheduler
  }

  get connected(): boolean {
    return this.#bus.connected
  }

  publish(subject: string, payload: Uint8Array): void {
    const { loss, repetition, delayMs } = this.faults
    this.published.push({ subject, payload })
    const copies = this.#chance(repetition) ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#chance(loss)) continue
      if (delayMs === 0) this.#bus.publish(subject, payload)
      else {
        const lateMs = Math.floor(this.#scheduler.random() * (delayMs + 1))
        this.#scheduler.setTimer(lateMs, () => this.#bus.publish(subject, payload))
      }
    }
  }

  subscribe(subject: string, listener: BusListener): Subscription {
    const fromMs = this.#scheduler.monotonic() + this.deafMs
    return this.#bus.subscribe(subject, (payload, from) => {
      return this.#scheduler.monotonic() < fromMs ? undefined : listener(payload, from)
    })
  }

  flush(): Promise<void> {
    return this.#bus.flush()
  }

  close(): Promise<void> {
    return this.#bus.close()
  }

  onReconnect(listener: () => void): Subscription {
    this.#returns.add(listener)
    return this.#bus.onReconnect(listener)
  }

  /** As if this bus alone had been away. */
  returned(): void {
    for (const listener of this.#returns) this.#scheduler.soon(listener)
  }

  counts(): BusCounts {
    return this.#bus.counts()
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#scheduler.random() < probability
  }
}
