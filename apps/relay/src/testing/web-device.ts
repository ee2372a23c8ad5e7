import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import { chat } from '@parley/proto'
import { jsonForm } from '@parley/proto/json'
import type { Login } from './engine-world.ts'
import { helloOf, textsOf } from './fake-device.ts'

type Event = NonNullable<chat.Event['event']>
type Told<C extends Event['$case']> = Extract<Event, { $case: C }>['value']
type CommandCase = NonNullable<chat.Command['command']>

const [requests, responses] = [
  jsonForm('parley.chat.v1.ConnectRequest'),
  jsonForm('parley.chat.v1.ConnectResponse'),
]

/** A device at the other end of a WebSocket, as a browser would be. */
export class WebDevice {
  readonly socket: WebSocket
  readonly events: Event[] = []
  /** Code and reason of the end. */
  ending: string | undefined
  /** The status that the socket was refused with. */
  refusal: number | undefined
  readonly #isJson: boolean
  readonly #opened: Promise<void>

  constructor(address: string, path = '/chat', options: ClientOptions = {}) {
    this.#isJson = path.includes('format=json')
    const scheme = options.ca === undefined ? 'ws' : 'wss'
    this.socket = new WebSocket(`${scheme}://${address}${path}`, options)
    this.#opened = new Promise((resolve) => this.socket.once('open', resolve))
    this.socket.on('message', (message: Buffer) => this.#take(message))
    this.socket.on('unexpected-response', (_request, { statusCode }) => (this.refusal = statusCode))
    this.socket.on('error', () => undefined)
    this.socket.on('close', (code, reason) => (this.ending = `${code} ${reason.toString()}`.trim()))
  }

  async tell(...commands: readonly CommandCase[]): Promise<void> {
    const request = { commands: commands.map((command) => ({ command })) }
    const bytes = chat.ConnectRequest.encode(chat.ConnectRequest.create(request)).finish()
    await this.raw(this.#isJson ? requests.toText(bytes) : bytes)
  }

  async raw(message: string | Uint8Array): Promise<void> {
    await this.#opened
    this.socket.send(message)
  }

  async hello(login: Login): Promise<this> {
    await this.tell({ $case: 'hello', value: helloOf(login) })
    return this
  }

  of<C extends Event['$case']>(kind: C): Told<C>[] {
    const ofKind = this.events.filter((event) => event.$case === kind)
    return ofKind.map((event) => event.value as Told<C>)
  }

  /** The texts of all entries, in the order in which they came. */
  get texts(): string[] {
    return textsOf(this.of('entries'))
  }

  #take(message: Buffer): void {
    const frame = this.#isJson ? responses.toBytes(message.toString()) : message
    for (const { event } of chat.ConnectResponse.decode(frame).events) {
      if (event !== undefined) this.events.push(event)
    }
  }
}
