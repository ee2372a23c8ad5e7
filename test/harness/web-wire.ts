import { chat } from '@parley/proto'
import { helloOf } from './wire.ts'
import type { DeviceLogin, EventCase } from './wire.ts'

type CommandCase = NonNullable<chat.Command['command']>
type EventListener = (event: EventCase) => void

/** What a naive client needs of its stream, whatever carries it. */
export interface Stream {
  /** Resolves when it is over. */
  readonly ended: Promise<unknown>
  /** Writes commands in one frame. */
  write(...commands: readonly CommandCase[]): void
  /** Hangs up. */
  close(): void
}

/** A stream over the WebSocket that this runtime has, as browsers do. */
export class WebWire implements Stream {
  readonly ended: Promise<void>
  readonly #socket: WebSocket
  readonly #listener: EventListener

  constructor(relay: string, listener: EventListener) {
    this.#socket = new WebSocket(`ws://${relay}/chat`)
    this.#socket.binaryType = 'arraybuffer'
    this.#listener = listener
    this.ended = new Promise((resolve) => this.#socket.addEventListener('close', () => resolve()))
    this.#socket.addEventListener('message', ({ data }) => this.#take(Buffer.from(data)))
  }

  /** Opens a stream and says hello as this device; rejects when it ends instead. */
  static async hello(
    relay: string,
    who: DeviceLogin,
    options: Partial<chat.Hello>,
    listener: EventListener,
  ): Promise<WebWire> {
    const { promise: welcomed, resolve } = Promise.withResolvers<void>()
    const wire = new WebWire(relay, (event) => {
      if (event.$case === 'welcome') resolve()
      listener(event)
    })
    wire.#socket.addEventListener('open', () => {
      wire.write({ $case: 'hello', value: helloOf(who, options) })
    })
    const early = wire.ended.then((): never => {
      throw new Error('the socket has closed')
    })
    await Promise.race([welcomed, early])
    return wire
  }

  write(...commands: readonly CommandCase[]): void {
    const request = { commands: commands.map((command) => ({ command })) }
    this.#socket.send(chat.ConnectRequest.encode(chat.ConnectRequest.create(request)).finish())
  }

  close(): void {
    this.#socket.close()
  }

  #take(frame: Buffer): void {
    for (const { event } of chat.ConnectResponse.decode(frame).events) {
      if (event) this.#listener(event)
    }
  }
}
