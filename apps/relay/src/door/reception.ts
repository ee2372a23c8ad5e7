import type { Socket } from 'node:net'
import type { Scheduler } from '@parley/service-kit'
import type { Dialect } from './dialect.ts'
import { dialectOf } from './first-bytes.ts'

/** How long a connection may take to show what it speaks. */
const firstBytesMs = 10_000

/** Reads the first bytes of connections and hands each to its dialect. */
export class Reception {
  readonly #dialects: readonly Dialect[]
  readonly #scheduler: Scheduler
  readonly #waiting = new Set<Socket>()

  constructor(dialects: readonly Dialect[], scheduler: Scheduler) {
    this.#dialects = dialects
    this.#scheduler = scheduler
  }

  /** Receives a connection; one that says nothing, or nothing that is spoken here, is closed. */
  receive(socket: Socket): void {
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
      if (dialect === 'no') this.#turnAway(socket)
      else handOver(socket, head, dialect)
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

  #turnAway(socket: Socket): void {
    const spoken = this.#dialects.map(({ name }) => name).join(', ')
    socket.end(`This is Parley. Spoken here: ${spoken}.\r\n`)
    // What else it sends is thrown away, so that it can read the words before the end.
    socket.resume()
    const late = this.#scheduler.setTimer(lastWordsMs, () => socket.destroy())
    socket.once('close', () => late.cancel())
  }
}

/** How long somebody who was turned away may take to hang up. */
const lastWordsMs = 1_000

function handOver(socket: Socket, head: Buffer, dialect: Dialect): void {
  socket.unshift(head)
  dialect.take(socket)
}
