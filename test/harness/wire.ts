import { chat } from '@parley/proto'
import { Client, credentials } from '@grpc/grpc-js'
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import { eventually } from '@parley/testkit'

/** One event. */
export type EventCase = NonNullable<chat.Event['event']>
type CommandCase = NonNullable<chat.Command['command']>

/** What an event of one kind carries. */
export type EventOf<Case extends EventCase['$case']> = Extract<EventCase, { $case: Case }>['value']

/** How a stream ended: the status, or undefined when the server simply closed it. */
export interface StreamEnd {
  readonly code: number
  readonly details: string
  readonly reason: string | undefined
}

/** A stream ended where it should not have. */
class StreamEnded extends Error {
  readonly end: StreamEnd

  constructor(end: StreamEnd) {
    super(`the stream ended: ${end.code} ${end.details}`)
    this.end = end
  }
}

/** Who says hello. */
export interface DeviceLogin {
  readonly accessToken: string
  /** 16 bytes, or UUID text. */
  readonly deviceId: string | Uint8Array
}

type EventListener = (event: EventCase) => void

/**
 * A naive client: it writes what it is told and notes what comes, without repeating, sorting out
 * or asking again, so that it cannot cover up for the server.
 */
export class Wire {
  readonly events: EventCase[] = []
  /** False: events go to listeners only, for streams of many. */
  keepsEvents = true
  readonly ended: Promise<StreamEnd>
  end: StreamEnd | undefined
  readonly #client: Client
  readonly #call: ClientDuplexStream<chat.ConnectRequest | Buffer, chat.ConnectResponse>
  readonly #listeners: EventListener[] = []

  constructor(relay: string) {
    this.#client = new Client(relay, credentials.createInsecure(), {
      'grpc.enable_http_proxy': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_send_message_length': -1,
    })
    const { path, responseDeserialize } = chat.ChatService.connect
    this.#call = this.#client.makeBidiStreamRequest(path, bytesOfFrame, responseDeserialize)
    this.ended = new Promise((resolve) => {
      const end = (code: number, details: string, reason?: string) => {
        this.end ??= { code, details, reason }
        resolve(this.end)
      }
      this.#call.on('error', (error: ServiceError) => {
        const reason = error.metadata?.get('parley-reason')[0]
        end(error.code, error.details, typeof reason === 'string' ? reason : undefined)
      })
      this.#call.on('status', ({ code, details }) => end(code, details))
    })
    this.#call.on('data', (frame: chat.ConnectResponse) => this.#take(frame))
  }

  /** Opens a stream and says hello as this device; rejects with a `StreamEnded` when it ends instead. */
  static async hello(
    relay: string,
    who: DeviceLogin,
    options: Partial<chat.Hello> = {},
    listener?: EventListener,
  ): Promise<Wire> {
    const wire = new Wire(relay)
    if (listener) wire.on(listener)
    wire.write({ $case: 'hello', value: helloOf(who, options) })
    const early = wire.ended.then((end): never => {
      throw new StreamEnded(end)
    })
    const welcome = new Promise((resolve) => {
      wire.on((event) => event.$case === 'welcome' && resolve(event))
    })
    try {
      await Promise.race([welcome, early])
      return wire
    } catch (error) {
      // A channel that nobody closes goes on connecting, and then takes a place at the server.
      wire.close()
      throw error
    }
  }

  /** Writes commands in one frame. */
  write(...commands: CommandCase[]): void {
    this.#call.write({ commands: commands.map((command) => ({ command })) })
  }

  /** Writes bytes that need not be a frame. */
  writeBytes(bytes: Uint8Array): void {
    this.#call.write(Buffer.from(bytes))
  }

  /** Calls back with every event from now on. */
  on(listener: EventListener): void {
    this.#listeners.push(listener)
  }

  /** All events of a kind so far. */
  all<Case extends EventCase['$case']>(kind: Case): EventOf<Case>[] {
    return this.events.flatMap((event) =>
      event.$case === kind ? [event.value as EventOf<Case>] : [],
    )
  }

  /** The first event of a kind that fits, waiting for it. */
  async next<Case extends EventCase['$case']>(
    kind: Case,
    fits: (value: EventOf<Case>) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<EventOf<Case>> {
    const look = () => {
      const found = this.all(kind).find(fits)
      if (found) return { found }
      const got = [...new Set(this.events.map((event) => event.$case))].join(', ')
      throw new Error(`no such ${kind}; got ${got}; ended: ${JSON.stringify(this.end)}`)
    }
    const { found } = await eventually(look, { timeoutMs })
    return found
  }

  /** What the server answered to a message: accepted, refused or unresolved. */
  answer(messageId: Uint8Array): Promise<EventCase> {
    return eventually(
      () => {
        const found = this.events.find((event) => isAnswerTo(event, messageId))
        if (found) return found
        throw new Error(`no answer; ended: ${JSON.stringify(this.end)}`)
      },
      { timeoutMs: 30_000 },
    )
  }

  /** Forgets the events so far. */
  clear(): void {
    this.events.length = 0
  }

  /** Stops reading, or reads on. */
  set reads(on: boolean) {
    if (on) this.#call.resume()
    else this.#call.pause()
  }

  /** Ends this side in order. */
  finish(): void {
    this.#call.end()
  }

  /** Hangs up. */
  close(): void {
    this.#call.cancel()
    this.#client.close()
  }

  #take(frame: chat.ConnectResponse): void {
    for (const { event } of frame.events) {
      if (!event) continue
      if (this.keepsEvents) this.events.push(event)
      for (const listener of this.#listeners) listener(event)
    }
  }
}

/** A hello as a correct client would say it. */
export function helloOf(who: DeviceLogin, options: Partial<chat.Hello> = {}): chat.Hello {
  const { deviceId } = who
  return {
    accessToken: who.accessToken,
    deviceId: Buffer.from(typeof deviceId === 'string' ? bytesOf(deviceId) : deviceId),
    protocolMin: 1,
    protocolMax: 1,
    clientName: 'naive',
    cursors: [],
    transient: false,
    more: false,
    ...options,
  }
}

/** A text message as a command. */
export function textSend(
  messageId: Uint8Array,
  target: { readonly conversationId: Uint8Array } | { readonly userId: Uint8Array },
  text: string,
): CommandCase {
  return sendOf(messageId, target, { content: { $case: 'text', value: { text } } })
}

/** A message as a command. */
export function sendOf(
  messageId: Uint8Array,
  target: { readonly conversationId: Uint8Array } | { readonly userId: Uint8Array },
  content: chat.Content | undefined,
  rest: Partial<chat.Send> = {},
): CommandCase {
  const to: chat.Send['target'] =
    'userId' in target
      ? { $case: 'userId', value: Buffer.from(target.userId) }
      : { $case: 'conversationId', value: Buffer.from(target.conversationId) }
  const value: chat.Send = {
    clientMessageId: Buffer.from(messageId),
    target: to,
    content,
    replyToSeq: 0,
    receipt: '',
    forwardOf: undefined,
    ...rest,
  }
  return { $case: 'send', value }
}

function bytesOfFrame(frame: chat.ConnectRequest | Buffer): Buffer {
  return Buffer.isBuffer(frame) ? frame : chat.ChatService.connect.requestSerialize(frame)
}

function isAnswerTo(event: EventCase, messageId: Uint8Array): boolean {
  const { $case: kind } = event
  if (kind !== 'accepted' && kind !== 'refused' && kind !== 'unresolved') return false
  return Buffer.compare(event.value.clientMessageId, messageId) === 0
}

function bytesOf(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}
