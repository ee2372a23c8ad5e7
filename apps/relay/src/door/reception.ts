import type { Socket } from 'node:net'
import type { Scheduler } from '@parley/service-kit'
import { arrivalOf, mayServe } from './arrival.ts'
import type { Arrival, Permissions } from './arrival.ts'
import type { Dialect } from './dialect.ts'
import { dialectOf } from './first-bytes.ts'

/** How long a connection may take to show what it speaks. */
const firstBytesMs = 10_000
/** How long somebody who was turned away may take to hang up. */
const lastWordsMs = 1_000

/** What a reception is made of. */
export interface ReceptionParts {
  readonly dialects: readonly Dialect[]
  readonly allowPlaintext: boolean
  readonly scheduler: Scheduler
}

/** Reads the first bytes of connections and hands each to its dialect. */
export class Reception {
  readonly #dialects: readonly Dialect[]
  readonly #permissions: Permissions
  readonly #scheduler: Scheduler
  readonly #waiting = new Set<Socket>()

  constructor({ dialects, allowPlaintext, scheduler }: ReceptionParts) {
    this.#dialects = dialects
    this.#permissions = { allowPlaintext, hasTls: false }
    this.#scheduler = scheduler
  }

  /** Receives a connection; one that says nothing, or nothing that is spoken here, is closed. */
  receive(socket: Socket, arrival: Arrival = arrivalOf(socket, false)): void {
    let head: Buffer = Buffer.alloc(0)
    this.#waiting.add(socket)
    const late = this.#scheduler.setTimer(firstBytesMs, () => socket.destroy())
    const look = () => {
      const bytes = socket.read() as Buffer | null
      if (bytes === null) return
      head = head.length === 0 ? bytes : Buffer.concat([head, bytes])
      const dialect = dialectOf(this.#dialects, head)
      if (dialect === 'more') return
      done()
      this.#answer(socket, head, dialect, arrival)
    }
    const done = () => {
      this.#waiting.delete(socket)
      late.cancel()
      socket.off('readable', look)
      socket.off('end', gone)
      socket.off('close', done)
    }
    // Who ends before it has said what it speaks has nothing to be told.
    const gone = () => socket.destroy()
    socket.on('readable', look)
    socket.once('end', gone)
    socket.once('close', done)
  }

  /** Closes the connections that have not shown what they speak. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy()
  }

  #answer(socket: Socket, head: Buffer, dialect: Dialect | 'no', arrival: Arrival): void {
    const isServed = (each: Dialect) => mayServe(each, arrival, this.#permissions)
    if (dialect === 'no') {
      const spoken = this.#dialects.filter(isServed).map(({ name }) => name)
      return this.#turnAway(socket, `Spoken here: ${spoken.join(', ')}.`)
    }
    if (isServed(dialect)) return handOver(socket, head, dialect)
    this.#turnAway(socket, `${dialect.name} is spoken here inside TLS or over loopback only.`)
  }

  #turnAway(socket: Socket, words: string): void {
    socket.end(`This is Parley. ${words}\r\n`)
    // What else it sends is thrown away, so that it can read the words before the end.
    socket.resume()
    const late = this.#scheduler.setTimer(lastWordsMs, () => socket.destroy())
    socket.once('close', () => late.cancel())
  }
}

function handOver(socket: Socket, head: Buffer, dialect: Dialect): void {
  socket.unshift(head)
  dialect.take(socket)
}
