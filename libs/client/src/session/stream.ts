import { Metadata } from '@grpc/grpc-js'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import { callError } from '../servers/call-error.ts'
import type { Door } from '../servers/servers.ts'
import { sendCommand, takeFrame } from './frames.ts'

/** One command of the protocol. */
export type CommandCase = NonNullable<chat.Command['command']>

/** What a raw stream needs. */
export interface StreamOptions {
  readonly door: Door
  readonly scheduler: Scheduler
  /** Each frame's events, in order. */
  readonly onEvents: (events: readonly chat.Event[]) => void
  /** Called once, for whatever reason the stream is over. */
  readonly onEnd: (error: AppError) => void
}

/** A `Chat/Connect` stream and nothing else: commands of one turn leave in one frame. */
export class ChatStream {
  readonly #call: ClientDuplexStream<Buffer, chat.ConnectResponse>
  readonly #options: StreamOptions
  #queue: Uint8Array[] = []
  #scheduled = false
  #blocked = false
  #ended = false
  #ending = false

  constructor(options: StreamOptions) {
    this.#options = options
    const { path, responseDeserialize } = chat.ChatService.connect
    const { client, server } = options.door
    const asIs = (frame: Buffer) => frame
    this.#call = client.makeBidiStreamRequest(path, asIs, responseDeserialize, new Metadata())
    this.#call.on('data', (frame: chat.ConnectResponse) => {
      if (!this.#ended) options.onEvents(frame.events)
    })
    this.#call.on('drain', () => this.#drained())
    this.#call.on('error', (error: unknown) => this.#over(callError(error, server)))
    this.#call.on('end', () => this.#over(streamEnded()))
  }

  /** False while the server takes no more: what can wait or be merged should. */
  get ready(): boolean {
    return !this.#blocked && !this.#ended
  }

  /** Queues a command; it leaves at the end of this turn, or when the server reads again. */
  push(command: CommandCase): void {
    this.#push(chat.Command.encode({ command }).finish())
  }

  /** Queues a `Send` that is encoded already. */
  pushSend(send: Uint8Array): void {
    this.#push(sendCommand(send))
  }

  /** Reads no further until `resume`. */
  pause(): void {
    this.#call.pause()
  }

  resume(): void {
    if (!this.#ended) this.#call.resume()
  }

  /** Sends what is queued, then tells the server that no more comes. */
  end(): void {
    this.#ending = true
    if (!this.#scheduled) this.#flush()
  }

  /** Ends the stream at once; `onEnd` is not called any more. */
  cancel(): void {
    this.#ended = true
    this.#queue = []
    this.#call.cancel()
  }

  #push(command: Uint8Array): void {
    if (this.#ended || this.#ending) return
    this.#queue.push(command)
    if (this.#scheduled || this.#blocked) return
    this.#scheduled = true
    this.#options.scheduler.soon(() => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    while (this.#queue.length > 0 && this.ready) {
      this.#blocked = !this.#call.write(takeFrame(this.#queue))
    }
    if (this.#ending && this.#queue.length === 0 && !this.#ended) this.#call.end()
  }

  #drained(): void {
    this.#blocked = false
    this.#flush()
  }

  #over(error: AppError): void {
    if (this.#ended) return
    this.#ended = true
    this.#queue = []
    this.#options.onEnd(error)
  }
}

function streamEnded(): AppError {
  return new AppError('unavailable', 'STREAM_ENDED', 'the server has ended the stream')
}
