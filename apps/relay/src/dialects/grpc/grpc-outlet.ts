import { constants } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { Metadata } from '@grpc/grpc-js'
import type { ServerDuplexStream, status } from '@grpc/grpc-js'
import { reasonTrailer } from '@parley/grpc-kit'
import type { chat } from '@parley/proto'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Outlet } from '../../session/outlet.ts'
import type { Ended } from '../../session/stream.ts'
import { Unsent } from '../../door/unsent.ts'
import type { Reading } from '../../door/unsent.ts'

/** The call of one stream; frames leave the engine encoded. */
export type Call = ServerDuplexStream<chat.ConnectRequest, Buffer>

/** How long a stream that was ended may take to hand over what was written before it is reset. */
const lingerMs = 5_000

/** The way to a device over gRPC. It counts bytes, where grpc-js counts messages of any length. */
export class GrpcOutlet implements Outlet {
  readonly #call: Call
  readonly #scheduler: Scheduler
  readonly #unsent: Unsent
  readonly #sent = (error?: Error | null) => {
    if (!error) this.#unsent.taken()
  }
  #linger: Timer | undefined

  constructor(call: Call, scheduler: Scheduler, reading: Reading) {
    this.#call = call
    this.#scheduler = scheduler
    this.#unsent = new Unsent(reading)
    call.on('close', () => this.#linger?.cancel())
  }

  write(frame: Buffer): boolean {
    this.#call.write(frame, this.#sent)
    return this.#unsent.wrote(frame.length)
  }

  end(): void {
    this.#endSoon(() => void this.#call.end())
  }

  /** Ends the stream with a status. */
  fail(code: status, { reason, message }: Ended): void {
    const metadata = new Metadata()
    metadata.set(reasonTrailer, reason)
    const error = Object.assign(new Error(message), { code, details: message, metadata })
    // grpc-js answers an emitted error with its status and trailers.
    this.#endSoon(() => void this.#call.emit('error', error))
  }

  destroy(): void {
    // What was ended still has to say so.
    if (this.#linger === undefined) this.#reset()
  }

  pause(): void {
    this.#call.pause()
  }

  resume(): void {
    this.#call.resume()
  }

  #endSoon(end: () => void): void {
    if (this.#linger !== undefined || this.#call.destroyed) return
    this.#linger = this.#scheduler.setTimer(lingerMs, () => this.#reset())
    end()
  }

  #reset(): void {
    http2StreamOf(this.#call)?.close(constants.NGHTTP2_INTERNAL_ERROR)
    this.#call.destroy()
  }
}

/**
 * @NOTE grpc-js has no way to reset a stream from the server: `destroy` of a call forgets it and
 * leaves the HTTP/2 stream open, and a peer that does not read would never hear of the end.
 */
function http2StreamOf(call: Call): ServerHttp2Stream | undefined {
  return (call as unknown as { call?: { stream?: ServerHttp2Stream } }).call?.stream
}
