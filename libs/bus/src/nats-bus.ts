import { Backoff, delay } from '@parley/service-kit'
import type { Logger, Scheduler } from '@parley/service-kit'
import type { Bus, BusCounts, BusListener, Subscription } from './bus.ts'
import { busAway, busClosed, checkPayload, checkRoom, checkSubject } from './checks.ts'
import { Inbox, newTally } from './inbox.ts'
import { busLimits } from './limits.ts'
import { dialNats } from './nats-link.ts'
import type { NatsAddress, NatsLink } from './nats-link.ts'

/** What a NATS bus is made of. */
export interface NatsBusOptions extends NatsAddress {
  readonly scheduler: Scheduler
  readonly log: Logger
}

interface Interest {
  readonly subject: string
  readonly inbox: Inbox
  /** Ends it on the connection of this moment. */
  detach: () => void
}

// A connection that lasted so long was a good one: the next loss starts with short waits again.
const steadyMs = 5_000

/** The bus through a nats-server: keeps connecting for ever, and never queues what it cannot send. */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions
  readonly #interests = new Set<Interest>()
  readonly #reconnectListeners = new Set<() => void>()
  readonly #tally = newTally()
  readonly #stopping = new AbortController()
  readonly #backoff: Backoff
  #link: NatsLink | undefined
  #running: Promise<void> = Promise.resolve()

  private constructor(options: NatsBusOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.scheduler, {
      baseMs: 100,
      capMs: busLimits.reconnectCapMs,
    })
  }

  /** A bus whose first attempt to connect is over; if it failed, others follow in the background. */
  static async open(options: NatsBusOptions): Promise<NatsBus> {
    const bus = new NatsBus(options)
    const link = await bus.#dial()
    const ready = link ? await bus.#attach(link) : false
    bus.#running = bus.#keepConnected(ready ? link : undefined)
    return bus
  }

  get connected(): boolean {
    return this.#link !== undefined
  }

  publish(subject: string, payload: Uint8Array): void {
    checkSubject(subject)
    checkPayload(payload)
    if (!this.#link?.publish(subject, payload)) this.#tally.droppedPublishes += 1
  }

  subscribe(subject: string, listener: BusListener): Subscription {
    checkSubject(subject)
    checkRoom(this.#interests.size)
    if (this.#stopping.signal.aborted) throw busClosed()
    const { scheduler, log } = this.#options
    const inbox = new Inbox(subject, listener, { scheduler, log, tally: this.#tally })
    const interest: Interest = { subject, inbox, detach: () => undefined }
    this.#interests.add(interest)
    if (this.#link) attachInterest(this.#link, interest)
    return { close: () => this.#unsubscribe(interest) }
  }

  async flush(): Promise<void> {
    if (!this.#link) throw busAway()
    await this.#link.flush()
  }

  async close(): Promise<void> {
    if (!this.#stopping.signal.aborted) await this.#sendLast()
    this.#stopping.abort()
    for (const interest of this.#interests) this.#unsubscribe(interest)
    this.#reconnectListeners.clear()
    await this.#link?.close()
    await this.#running
  }

  onReconnect(listener: () => void): Subscription {
    this.#reconnectListeners.add(listener)
    return { close: () => void this.#reconnectListeners.delete(listener) }
  }

  counts(): BusCounts {
    return { ...this.#tally }
  }

  // Hints: what the server does not take within the flush's time is not worth a late stop.
  async #sendLast(): Promise<void> {
    await this.#link?.flush().catch(() => undefined)
  }

  async #keepConnected(first: NatsLink | undefined): Promise<void> {
    let link = first
    for (;;) {
      if (link) await this.#untilLost(link)
      const stopped = await this.#pause()
      if (stopped) return
      link = await this.#dial()
      if (link && (await this.#attach(link))) this.#returned()
      else link = undefined
    }
  }

  /** Waits for the next attempt; true when the bus was closed meanwhile. */
  async #pause(): Promise<boolean> {
    const { signal } = this.#stopping
    if (signal.aborted) return true
    await delay(this.#options.scheduler, this.#backoff.next(), signal).catch(() => undefined)
    return signal.aborted
  }

  async #dial(): Promise<NatsLink | undefined> {
    const { scheduler, log, url } = this.#options
    try {
      return await dialNats(this.#options, scheduler)
    } catch (error) {
      // The first failure tells the operator; its repetitions, every two seconds, would bury it.
      const level = this.#backoff.attempts === 0 ? 'warn' : 'debug'
      log[level]({ err: error, url }, 'bus cannot be reached, trying on')
      return undefined
    }
  }

  /** Restores every subscription on a new connection; false if it was lost while doing so. */
  async #attach(link: NatsLink): Promise<boolean> {
    void link.logComplaints(this.#options.log)
    if (this.#stopping.signal.aborted) {
      await link.close()
      return false
    }
    this.#link = link
    for (const interest of this.#interests) attachInterest(link, interest)
    try {
      await link.flush()
      return true
    } catch {
      this.#link = undefined
      await link.close()
      return false
    }
  }

  async #untilLost(link: NatsLink): Promise<void> {
    const sinceMs = this.#options.scheduler.monotonic()
    const why = await link.ended
    this.#link = undefined
    if (this.#stopping.signal.aborted) return
    this.#options.log.warn({ err: why, url: this.#options.url }, 'bus lost, reconnecting')
    if (this.#options.scheduler.monotonic() - sinceMs >= steadyMs) this.#backoff.reset()
  }

  #returned(): void {
    this.#tally.reconnects += 1
    this.#options.log.info({ url: this.#options.url }, 'bus reconnected')
    for (const listener of this.#reconnectListeners) this.#options.scheduler.soon(listener)
  }

  #unsubscribe(interest: Interest): void {
    interest.inbox.close()
    if (this.#interests.delete(interest)) interest.detach()
  }
}

function attachInterest(link: NatsLink, interest: Interest): void {
  interest.detach = link.subscribe(interest.subject, (payload) => interest.inbox.push(payload))
}
