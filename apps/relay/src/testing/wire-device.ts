import { Client, Metadata, credentials, status } from '@grpc/grpc-js'
import type { ChannelCredentials, ClientDuplexStream, StatusObject } from '@grpc/grpc-js'
import { reasonTrailer } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Login } from './engine-world.ts'
import { helloOf, sendOf, textsOf } from './fake-device.ts'
import type { HelloOptions } from './fake-device.ts'

type Event = NonNullable<chat.Event['event']>
type Told<C extends Event['$case']> = Extract<Event, { $case: C }>['value']
type CommandCase = NonNullable<chat.Command['command']>

const { path } = chat.ChatService.connect

/** A device at the other end of a real connection; it sends any bytes, and reads only when it wants. */
export class WireDevice {
  readonly events: Event[] = []
  readonly call: ClientDuplexStream<Buffer, Buffer>
  /** How the stream ended. */
  ending: StatusObject | undefined
  readonly #client: Client
  #sends = 0

  constructor(address: string, secured: ChannelCredentials = credentials.createInsecure()) {
    // One connection for each device, so that one can be cut without another.
    const options = { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 }
    this.#client = new Client(address, secured, options)
    this.call = this.#client.makeBidiStreamRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes) => bytes,
      new Metadata(),
    )
    this.call.on('data', (frame: Buffer) => this.#take(frame))
    this.call.on('error', () => undefined)
    this.call.on('status', (ending) => (this.ending = ending))
  }

  /** The code and reason of the end, `OK ` when it was none; undefined while it lives. */
  get end(): string | undefined {
    if (this.ending === undefined) return undefined
    const [reason = ''] = this.ending.metadata.get(reasonTrailer)
    return `${status[this.ending.code]} ${reason.toString()}`
  }

  tell(...commands: readonly CommandCase[]): void {
    const request = { commands: commands.map((command) => ({ command })) }
    this.raw(chat.ConnectRequest.encode(chat.ConnectRequest.create(request)).finish())
  }

  raw(bytes: Uint8Array): void {
    this.call.write(Buffer.from(bytes))
  }

  hello(login: Login, options: HelloOptions = {}): this {
    this.tell({ $case: 'hello', value: helloOf(login, options) })
    return this
  }

  /** Sends a text under an id of its own: `mark` tells devices apart. */
  send(mark: number, to: Buffer | { readonly user: Buffer }, text: string): void {
    this.#sends += 1
    const id = Buffer.alloc(16)
    id.writeUInt32BE(mark, 0)
    id.writeUInt32BE(this.#sends, 12)
    id[6] = 0x70
    id[8] = 0x80
    this.tell(sendOf(id, to, text))
  }

  of<C extends Event['$case']>(kind: C): Told<C>[] {
    const ofKind = this.events.filter((event) => event.$case === kind)
    return ofKind.map((event) => event.value as Told<C>)
  }

  /** The texts of all entries, in the order in which they came. */
  get texts(): string[] {
    return textsOf(this.of('entries'))
  }

  /** The numbers of all entries of a conversation, as they came. */
  numbers(conversationId: Uint8Array): number[] {
    return this.of('entries')
      .filter((run) => run.conversationId.equals(conversationId))
      .flatMap((run) => run.entries.map((_, i) => run.firstSeq + i))
  }

  close(): void {
    this.call.cancel()
    this.#client.close()
  }

  #take(frame: Buffer): void {
    for (const { event } of chat.ConnectResponse.decode(frame).events) {
      if (event !== undefined) this.events.push(event)
    }
  }
}
