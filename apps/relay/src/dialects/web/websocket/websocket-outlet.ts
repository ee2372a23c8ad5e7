import type { WebSocket } from 'ws'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Outlet } from '../../../session/outlet.ts'
import { Unsent } from '../../../door/unsent.ts'
import type { Reading } from '../../../door/unsent.ts'
import type { FrameFormat } from './frame-formats.ts'

/** How long a device may take to hand back its end before the connection is cut. */
const lingerMs = 5_000
/** The most bytes of a reason that a close frame holds (RFC 6455, section 5.5). */
const maxReasonBytes = 123

/** The way to a device over a WebSocket. */
export class WebSocketOutlet implements Outlet {
  readonly #socket: WebSocket
  readonly #scheduler: Scheduler
  readonly #format: FrameFormat
  readonly #unsent: Unsent
  readonly #sent = (error?: Error | null) => {
    if (!error) this.#unsent.taken()
  }
  #linger: Timer | undefined

  constructor(socket: WebSocket, scheduler: Scheduler, format: FrameFormat, reading: Reading) {
    this.#socket = socket
    this.#scheduler = scheduler
    this.#format = format
    this.#unsent = new Unsent(reading)
    socket.on('close', () => this.#linger?.cancel())
  }

  write(frame: Buffer): boolean {
    const message = this.#format.encode(frame)
    this.#socket.send(message, { binary: this.#format.isBinary }, this.#sent)
    return this.#unsent.wrote(message.length)
  }

  end(): void {
    this.close(1000, '')
  }

  /** Ends the stream with a code and a reason, which is cut to what a close frame holds. */
  close(code: number, reason: string): void {
    if (this.#linger !== undefined || this.#socket.readyState !== this.#socket.OPEN) return
    this.#linger = this.#scheduler.setTimer(lingerMs, () => this.#socket.terminate())
    // A socket that is not read never gets its peer's close frame.
    this.#socket.resume()
    this.#socket.close(code, cut(reason))
  }

  destroy(): void {
    // What was ended still has to say so.
    if (this.#linger === undefined) this.#socket.terminate()
  }

  pause(): void {
    if (this.#linger === undefined) this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }
}

function cut(reason: string): string {
  const bytes = Buffer.from(reason)
  if (bytes.length <= maxReasonBytes) return reason
  return bytes
    .subarray(0, maxReasonBytes)
    .toString()
    .replace(/\uFFFD+$/, '')
}
