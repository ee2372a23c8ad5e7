import { Client, credentials } from '@grpc/grpc-js'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import { clientChannelOptions, encodeOnce } from '@parley/grpc-kit'
import { chat } from '@parley/proto'

/** As libs/client does: what is stored is acknowledged after so many entries or so long. */
const maxAckEntries = 32
const ackDelayMs = 100

type Command = NonNullable<chat.Command['command']>
type Event = NonNullable<chat.Event['event']>

/** What a device does with what it hears. */
export interface DeviceEvents {
  event(event: Event): void
  ended(why: Error): void
}

/** One connected device on a channel of its own, with nothing on top of the wire but acknowledging. */
export class Device {
  readonly credentials: chat.Credentials
  readonly #call: ClientDuplexStream<chat.ConnectRequest, chat.ConnectResponse>
  readonly #client: Client
  readonly #marks = new Map<string, chat.Ack>()
  #unacknowledged = 0
  #ackTimer: NodeJS.Timeout | undefined
  #waiting: chat.Command[] = []

  constructor(address: string, who: chat.Credentials, events: DeviceEvents) {
    this.credentials = who
    this.#client = new Client(address, credentials.createInsecure(), {
      ...clientChannelOptions,
      'grpc.use_local_subchannel_pool': 1,
    })
    this.#call = this.#client.makeBidiStreamRequest(
      chat.ChatService.connect.path,
      (frame: chat.ConnectRequest) => encodeOnce(chat.ConnectRequest, frame),
      (bytes: Buffer) => chat.ConnectResponse.decode(bytes),
    )
    this.#call.on('error', (error) => events.ended(error))
    this.#call.on('data', ({ events: heard }: chat.ConnectResponse) => {
      for (const { event } of heard) if (event !== undefined) events.event(event)
    })
  }

  /** Says a command with all others of this turn of the event loop. */
  say(command: Command): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush())
    this.#waiting.push({ command })
  }

  /** A run of a conversation is stored here. */
  stored({ conversationId, epoch, firstSeq, entries }: chat.Entries): void {
    const seq = firstSeq + entries.length - 1
    this.#marks.set(conversationId.toString('latin1'), { conversationId, epoch, seq })
    this.#unacknowledged += entries.length
    if (this.#unacknowledged >= maxAckEntries) this.#acknowledge()
    else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ackDelayMs)
  }

  close(): void {
    clearTimeout(this.#ackTimer)
    this.#call.cancel()
    this.#client.close()
  }

  #acknowledge(): void {
    clearTimeout(this.#ackTimer)
    this.#ackTimer = undefined
    this.#unacknowledged = 0
    for (const value of this.#marks.values()) this.say({ $case: 'ack', value })
    this.#marks.clear()
  }

  #flush(): void {
    const commands = this.#waiting
    this.#waiting = []
    this.#call.write({ commands })
  }
}
