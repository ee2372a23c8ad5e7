import type { Logger, Scheduler } from '@parley/service-kit'
import type { Bus, BusCounts, BusListener, Subscription } from './bus.ts'
import { busAway, busClosed, checkPayload, checkRoom, checkSubject } from './checks.ts'
import { Inbox, newTally } from './inbox.ts'

/** What connects the memory buses of one process, as a nats-server connects processes. */
export class MemoryHub {
  readonly #buses = new Set<MemoryBus>()
  #up = true

  /** Whether messages pass. */
  get up(): boolean {
    return this.#up
  }

  /** Nothing passes from now on, as when the server was killed. */
  stop(): void {
    this.#up = false
  }

  /** Messages pass again; every bus that was away reports its reconnect. */
  start(): void {
    if (this.#up) return
    this.#up = true
    for (const bus of this.#buses) bus.returned()
  }

  /** Adds a bus, until the returned function is called. */
  join(bus: MemoryBus): () => void {
    this.#buses.add(bus)
    return () => void this.#buses.delete(bus)
  }

  /** Hands a message to every bus but the one it came from. */
  carry(from: MemoryBus, subject: string, payload: Uint8Array): void {
    for (const bus of this.#buses) if (bus !== from) bus.receive(subject, payload)
  }
}

/** What a memory bus is made of. */
export interface MemoryBusOptions {
  readonly hub: MemoryHub
  readonly scheduler: Scheduler
  readonly log: Logger
}

/** The bus inside one process: the same promises as `NatsBus`, with delivery through the scheduler. */
export class MemoryBus implements Bus {
  readonly #options: MemoryBusOptions
  readonly #inboxes = new Map<string, Set<Inbox>>()
  readonly #reconnectListeners = new Set<() => void>()
  readonly #tally = newTally()
  readonly #leaveHub: () => void
  #subscriptions = 0
  #closed = false

  constructor(options: MemoryBusOptions) {
    this.#options = options
    this.#leaveHub = options.hub.join(this)
  }

  get connected(): boolean {
    return !this.#closed && this.#options.hub.up
  }

  publish(subject: string, payload: Uint8Array): void {
    checkSubject(subject)
    checkPayload(payload)
    if (this.connected) this.#options.hub.carry(this, subject, payload)
    else this.#tally.droppedPublishes += 1
  }

  subscribe(subject: string, listener: BusListener): Subscription {
    checkSubject(subject)
    checkRoom(this.#subscriptions)
    if (this.#closed) throw busClosed()
    const { scheduler, log } = this.#options
    const inbox = new Inbox(subject, listener, { scheduler, log, tally: this.#tally })
    const sameSubject = this.#inboxes.get(subject) ?? new Set()
    this.#inboxes.set(subject, sameSubject.add(inbox))
    this.#subscriptions += 1
    return { close: () => this.#unsubscribe(subject, inbox) }
  }

  /** Resolves after what was published before has been handed to its listeners' queues. */
  async flush(): Promise<void> {
    if (!this.connected) throw busAway()
    await new Promise<void>((resolve) => {
      this.#options.scheduler.soon(resolve)
    })
  }

  close(): Promise<void> {
    this.#closed = true
    this.#leaveHub()
    for (const inboxes of this.#inboxes.values()) for (const inbox of inboxes) inbox.close()
    this.#inboxes.clear()
    this.#reconnectListeners.clear()
    return Promise.resolve()
  }

  onReconnect(listener: () => void): Subscription {
    this.#reconnectListeners.add(listener)
    return { close: () => void this.#reconnectListeners.delete(listener) }
  }

  counts(): BusCounts {
    return { ...this.#tally }
  }

  /** For the hub: a message for this bus. */
  receive(subject: string, payload: Uint8Array): void {
    for (const inbox of this.#inboxes.get(subject) ?? []) inbox.push(payload)
  }

  /** For the hub: it is up again. */
  returned(): void {
    this.#tally.reconnects += 1
    for (const listener of this.#reconnectListeners) this.#options.scheduler.soon(listener)
  }

  #unsubscribe(subject: string, inbox: Inbox): void {
    inbox.close()
    const sameSubject = this.#inboxes.get(subject)
    if (!sameSubject?.delete(inbox)) return
    this.#subscriptions -= 1
    if (sameSubject.size === 0) this.#inboxes.delete(subject)
  }
}
