import type { Socket } from 'node:net'
import type { Scheduler } from '@parley/service-kit'
import { arrivalOf, mayServe } from './arrival.ts'
import type { Arrival, Permissions } from './arrival.ts'
import type { Dialect } from './dialect.ts'
import { dialectOf } from './first-bytes.ts'
import { TlsEntrance } from './tls/entrance.ts'

/** How long a connection may take to show what it speaks. */
const firstBytesMs = 10_000
/** How long somebody who was turned away may take to hang up. */
const lastWordsMs = 1_000

type Spoken = Dialect | TlsEntrance

/** What a reception is made of. */
export interface ReceptionParts {
  readonly dialects: readonly Dialect[]
  /** Where TLS is spoken; inside it are the dialects. */
  readonly tls?: TlsEntrance | undefined
  readonly allowPlaintext: boolean
  readonly scheduler: Scheduler
}

/** Reads the first bytes of connections and hands each to its dialect. */
export class Reception {
  readonly #dialects: readonly Dialect[]
  readonly #tls: TlsEntrance | undefined
  readonly #permissions: Permissions
  readonly #scheduler: Scheduler
  readonly #waiting = new Set<Socket>()

  constructor({ dialects, tls, allowPlaintext, scheduler }: ReceptionParts) {
    this.#dialects = dialects
    this.#tls = tls
    this.#permissions = { allowPlaintext, hasTls: tls !== undefined }
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
      head = Buffer.concat([head, bytes])
      const dialect = dialectOf(this.#spoken(arrival), head)
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

  /** What can be recognised: TLS as well, but not inside TLS. */
  #spoken({ inTls }: Arrival): readonly Spoken[] {
    return this.#tls === undefined || inTls ? this.#dialects : [this.#tls, ...this.#dialects]
  }

  #answer(socket: Socket, head: Buffer, spoken: Spoken | 'no', arrival: Arrival): void {
    const isServed = (each: Spoken) =>
      each instanceof TlsEntrance || mayServe(each, arrival, this.#permissions)
    if (spoken === 'no') {
      const names = this.#spoken(arrival)
        .filter(isServed)
        .map(({ name }) => name)
      return this.#turnAway(socket, `Spoken here: ${names.join(', ')}.`)
    }
    if (!isServed(spoken)) {
      return this.#turnAway(
        socket,
        `${spoken.name} is spoken here inside TLS or over loopback only.`,
      )
    }
    socket.unshift(head)
    if (!(spoken instanceof TlsEntrance)) return spoken.take(socket)
    spoken.enter(socket, (inside) => this.receive(inside, arrivalOf(inside, true)))
  }

  #turnAway(socket: Socket, words: string): void {
    socket.end(`This is Parley. ${words}\r\n`)
    // What else it sends is thrown away, so that it can read the words before the end.
    socket.resume()
    const late = this.#scheduler.setTimer(lastWordsMs, () => socket.destroy())
    socket.once('close', () => late.cancel())
  }
}
