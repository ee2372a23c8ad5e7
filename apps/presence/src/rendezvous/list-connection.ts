import type { Socket } from 'node:net'
import type { Scheduler } from '@parley/service-kit'
import { rendezvousLimits } from '../limits.ts'
import { plainAddress } from './endpoint.ts'
import { LineReader } from './line-reader.ts'

/** A client's connection: the list goes over it, then what changes; the client is a member while it lasts. */
export class ListConnection {
  /** Proven, for the connection stands. */
  readonly address: string
  readonly #socket: Socket
  readonly #scheduler: Scheduler
  readonly #lines: LineReader
  #hasToldLines = false

  constructor(socket: Socket, scheduler: Scheduler) {
    this.address = plainAddress(socket.remoteAddress ?? '')
    this.#socket = socket
    this.#scheduler = scheduler
    this.#lines = new LineReader(socket, rendezvousLimits)
    // Neither a client that is gone without a word nor a network that is stays a member.
    socket.setKeepAlive(true, rendezvousLimits.keepAliveMs)
    socket.on('error', () => socket.destroy())
  }

  /** True when nothing more can be said here. */
  get isOver(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded
  }

  /** Runs `fn` when the connection has closed. */
  onClose(fn: () => void): void {
    if (this.#socket.destroyed) this.#scheduler.soon(fn)
    else this.#socket.once('close', fn)
  }

  /** The next line that the client says; undefined when it has closed. */
  nextLine(): Promise<string | undefined> {
    return this.#lines.next()
  }

  /** Sends the list, which has no line end: a client may look whether what it has read ends with `end`. */
  list(text: string): void {
    this.#write(text)
  }

  /** Sends an announcement as a line of its own: the first one also ends the line of the list. */
  tell(line: string): void {
    this.#write(this.#hasToldLines ? `${line}\n` : `\n${line}\n`)
    this.#hasToldLines = true
  }

  /** Says why it ends, and ends it. */
  refuse(why: string): void {
    this.end(`Refused,${why}\n`)
  }

  /** Ends it; at the latest in a moment, also when the client reads nothing. */
  end(lastWords = ''): void {
    if (this.isOver) return
    const timer = this.#scheduler.setTimer(rendezvousLimits.lastWordsMs, () => this.destroy())
    this.#socket.once('close', () => timer.cancel())
    this.#socket.end(lastWords)
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy()
  }

  #write(text: string): void {
    if (this.isOver) return
    // A client that does not read is not waited for, and not remembered for.
    if (this.#socket.writableLength > rendezvousLimits.unreadBytes) this.destroy()
    else this.#socket.write(text)
  }
}
