import { connect } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger, Scheduler } from '@parley/service-kit'
import { within } from '@parley/service-kit'
import { busAway } from './checks.ts'
import { busLimits } from './limits.ts'

/** Where a nats-server is and who asks. */
export interface NatsAddress {
  /** `nats://host:port` or `tls://host:port`, several separated by commas. */
  readonly url: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** How the connection is called in the server's lists. */
  readonly name: string
  /** How often a silent server is asked for a sign of life. */
  readonly pingMs?: number | undefined
}

const confirmEveryBytes = 64 * 1024

/** One connection to a nats-server, from its first to its last byte; a lost one is not revived. */
export class NatsLink {
  /** Resolves when the connection is over, with the reason if it was not asked for. */
  readonly ended: Promise<Error | undefined>
  readonly #connection: NatsConnection
  readonly #scheduler: Scheduler
  #unconfirmedBytes = 0
  #confirming = false

  constructor(connection: NatsConnection, scheduler: Scheduler) {
    this.#connection = connection
    this.#scheduler = scheduler
    this.ended = connection.closed().then((why) => why ?? undefined)
  }

  /** Sends a message; false when it was not taken because the connection is over or too slow. */
  publish(subject: string, payload: Uint8Array): boolean {
    const bytes = payload.length + subject.length
    if (this.#unconfirmedBytes + bytes > busLimits.unconfirmedBytes) return false
    if (this.#connection.isClosed()) return false
    this.#connection.publish(subject, payload)
    this.#unconfirmedBytes += bytes
    if (this.#unconfirmedBytes >= confirmEveryBytes) this.#confirm()
    return true
  }

  /** Starts a subscription and returns what ends it. */
  subscribe(subject: string, receive: (payload: Uint8Array) => void): () => void {
    if (this.#connection.isClosed()) return () => undefined
    const callback = (error: Error | null, message: { data: Uint8Array }) => {
      // A refused subscription arrives here as an error; the status stream reports it.
      if (!error) receive(message.data)
    }
    const subscription = this.#connection.subscribe(subject, { callback })
    return () => subscription.unsubscribe()
  }

  /** Resolves when the server has taken in all before; rejects when it does not within its time. */
  async flush(): Promise<void> {
    if (this.#connection.isClosed()) throw busAway()
    const lost = this.ended.then(() => Promise.reject(busAway()))
    const answered = Promise.race([this.#connection.flush(), lost])
    await within(this.#scheduler, busLimits.flushMs, 'flushing the bus', answered)
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.#connection.close()
  }

  /** Logs what the server complains about, at most once a second, until the connection is over. */
  async logComplaints(log: Logger): Promise<void> {
    let quietUntilMs = -Infinity
    for await (const status of this.#connection.status()) {
      if (status.type !== 'error' || this.#scheduler.monotonic() < quietUntilMs) continue
      quietUntilMs = this.#scheduler.monotonic() + 1_000
      log.error({ err: status.error }, 'bus server refused something')
    }
  }

  // The client library takes any amount for a server that has stopped reading; its answer to a
  // ping behind the bytes is the only sign that they have left this process.
  #confirm(): void {
    if (this.#confirming) return
    this.#confirming = true
    const coveredBytes = this.#unconfirmedBytes
    const done = () => {
      this.#unconfirmedBytes -= coveredBytes
      this.#confirming = false
      if (this.#unconfirmedBytes >= confirmEveryBytes) this.#confirm()
    }
    // A flush that fails or never answers belongs to a connection that is about to end.
    this.#connection.flush().then(done, () => undefined)
  }
}

/** One attempt to connect, at most two seconds long; rejects with the library's own error. */
export async function dialNats(address: NatsAddress, scheduler: Scheduler): Promise<NatsLink> {
  const urls = address.url.split(',').map((url) => new URL(url))
  const tls = urls.some((url) => url.protocol === 'tls:')
  const connection = await connect({
    servers: urls.map((url) => url.host),
    name: address.name,
    ...(address.user === undefined ? {} : { user: address.user }),
    ...(address.password === undefined ? {} : { pass: address.password }),
    ...(tls ? { tls: {} } : {}),
    noEcho: true,
    // Its own reconnecting queues publishes without bound and gives up on refused passwords.
    reconnect: false,
    timeout: busLimits.connectMs,
    pingInterval: address.pingMs ?? busLimits.pingMs,
    maxPingOut: 2,
  })
  return new NatsLink(connection, scheduler)
}
