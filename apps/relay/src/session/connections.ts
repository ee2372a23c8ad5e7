import type { Timer } from '@parley/service-kit'
import {
  expiryGraceMs,
  helloWithinMs,
  maxQueuedNews,
  silenceMs,
  stuckMs,
} from './connection-limits.ts'
import type { Connection } from './connection.ts'
import type { Engine } from './engine.ts'
import { framed } from './frames.ts'
import type { Ended } from './stream.ts'

/** All streams of a relay, and the one wheel that ends the dead ones. */
export class Connections {
  readonly #engine: Engine
  readonly #all = new Set<Connection>()
  readonly #wheel: Timer
  /** By the monotonic clock: when all devices must be elsewhere. */
  #goneByMs: number | undefined
  readonly #asked = new WeakSet<Connection>()

  constructor(engine: Engine) {
    this.#engine = engine
    this.#wheel = engine.scheduler.every(1_000, () => this.#turn())
  }

  get size(): number {
    return this.#all.size
  }

  add(connection: Connection): void {
    this.#all.add(connection)
  }

  remove(connection: Connection): void {
    this.#all.delete(connection)
  }

  /** Asks all devices to go elsewhere before the deadline, those, too, whose hello is under way. */
  goAway(deadlineMs: number): void {
    this.#goneByMs = this.#engine.scheduler.monotonic() + deadlineMs
    for (const connection of this.#all) this.#askToGo(connection, this.#goneByMs)
  }

  /** Ends what is left. */
  close(): void {
    this.#wheel.cancel()
    for (const connection of this.#all) {
      connection.refuse({ reason: 'GOING_AWAY', message: 'this relay stops; connect again' })
    }
  }

  #askToGo(connection: Connection, goneByMs: number): void {
    const { session } = connection
    if (session === undefined || this.#asked.has(connection)) return
    this.#asked.add(connection)
    const deadlineMs = Math.max(0, Math.round(goneByMs - this.#engine.scheduler.monotonic()))
    session.tell(framed({ $case: 'goAway', value: { deadlineMs } }))
  }

  #turn(): void {
    const nowMs = this.#engine.scheduler.monotonic()
    for (const connection of this.#all) {
      if (this.#goneByMs !== undefined) this.#askToGo(connection, this.#goneByMs)
      const why = this.#whyOver(connection, nowMs)
      if (why !== undefined) this.#end(connection, why)
      else connection.session?.tick()
    }
  }

  #whyOver({ session, openedAtMs }: Connection, nowMs: number): Ended | undefined {
    if (session === undefined) {
      const isLate = nowMs - openedAtMs > helloWithinMs
      return isLate ? { reason: 'HELLO_LATE', message: 'no hello within 10 s' } : undefined
    }
    if (session.isOver) return { reason: 'ENDED', message: 'the session is over' }
    const { heartbeatMs } = this.#engine.greeting
    if (nowMs - session.heardAtMs > heartbeatMs + silenceMs) {
      return { reason: 'SILENT', message: 'nothing was heard of the device' }
    }
    if (session.blockedSinceMs !== undefined && nowMs - session.blockedSinceMs > stuckMs) {
      return { reason: 'STUCK', message: 'the device reads nothing; it may resume' }
    }
    if (session.queuedNews > maxQueuedNews) {
      return { reason: 'STUCK', message: 'the device reads too slowly; it may resume' }
    }
    if (this.#engine.scheduler.now() > session.expiresAtMs + expiryGraceMs) {
      return { reason: 'TOKEN_EXPIRED', message: 'the token was not renewed' }
    }
    return undefined
  }

  #end(connection: Connection, why: Ended): void {
    if (why.reason === 'TOKEN_EXPIRED') {
      connection.session?.end(framed({ $case: 'kicked', value: { reason: why.reason } }))
    }
    connection.refuse(why)
    this.#all.delete(connection)
  }
}
