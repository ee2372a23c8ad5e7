import { chat } from '@parley/proto'
import { uuidv7 } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { Connection } from '../session/connection.ts'
import type { Outlet } from '../session/outlet.ts'
import type { Ended } from '../session/stream.ts'
import type { EngineWorld, Login } from './engine-world.ts'

type Event = NonNullable<chat.Event['event']>
type Case = Event['$case']
type Told<C extends Case> = Extract<Event, { $case: C }>['value']
type CommandCase = NonNullable<chat.Command['command']>

/** How a stream of a device begins. */
export interface HelloOptions {
  readonly transient?: boolean
  readonly cursors?: readonly { conversationId: Buffer; epoch: number; seq: number }[]
  readonly token?: string
}

/** The device's end of one stream, in this process: it keeps everything it was told, unsorted. */
export class FakeDevice implements Outlet {
  readonly login: Login
  readonly connection: Connection
  /** What has arrived. */
  readonly events: Event[] = []
  /** Why the server has ended the stream. */
  refusal: Ended | undefined
  isEnded = false
  isDestroyed = false
  isPaused = false
  readonly #scheduler: Scheduler
  /** Frames on their way while the device does not read. */
  readonly #inTransit: Buffer[] = []
  #reads = true
  #window = 0

  constructor(world: EngineWorld, login: Login) {
    this.login = login
    this.#scheduler = world.engine.scheduler
    this.connection = new Connection(world.engine, this, (why) => (this.refusal = why))
    world.connections.add(this.connection)
  }

  get inTransitBytes(): number {
    return this.#inTransit.reduce((sum, frame) => sum + frame.length, 0)
  }

  write(frame: Buffer): boolean {
    if (this.#reads) {
      this.#take(frame)
      return true
    }
    this.#inTransit.push(frame)
    this.#window -= 1
    return this.#window > 0
  }

  end(): void {
    this.isEnded = true
  }

  destroy(): void {
    this.isDestroyed = true
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  /** Stops reading; so many more frames fit into the connection. */
  stopReading(frames = 1): void {
    this.#reads = false
    this.#window = frames
  }

  /** Reads what is on its way, and on. */
  read(): void {
    this.#reads = true
    for (const frame of this.#inTransit.splice(0)) this.#take(frame)
    this.connection.drained()
  }

  /** The stream breaks. */
  cut(): void {
    this.connection.ended(false)
  }

  /** Sends commands in one frame, over the real encoding. */
  tell(...commands: readonly CommandCase[]): void {
    const request = chat.ConnectRequest.create({
      commands: commands.map((command) => ({ command })),
    })
    const bytes = chat.ConnectRequest.encode(request).finish()
    this.connection.frame(chat.ConnectRequest.decode(bytes))
  }

  hello(options: HelloOptions = {}): this {
    this.tell({ $case: 'hello', value: helloOf(this.login, options) })
    return this
  }

  /** Sends a text to a conversation or, with `user`, to a person; returns its id. */
  send(to: Buffer | { readonly user: Buffer }, text: string): Buffer {
    const id = Buffer.from(uuidv7(this.#scheduler))
    this.tell(sendOf(id, to, text))
    return id
  }

  /** The events of one kind. */
  of<C extends Case>(kind: C): Told<C>[] {
    const ofKind = this.events.filter((event) => event.$case === kind)
    return ofKind.map((event) => event.value as Told<C>)
  }

  /** Numbers and texts of a conversation in the order of their arrival; other contents by their name. */
  seen(conversationId: Uint8Array): string[] {
    return this.of('entries')
      .filter((run) => run.conversationId.equals(conversationId))
      .flatMap((run) => run.entries.map((entry, i) => `${run.firstSeq + i} ${said(entry)}`))
  }

  #take(frame: Buffer): void {
    for (const { event } of chat.ConnectResponse.decode(frame).events) {
      if (event !== undefined) this.events.push(event)
    }
  }
}

/** A text as a command. */
export function sendOf(
  id: Buffer,
  to: Buffer | { readonly user: Buffer },
  text: string,
): CommandCase {
  const target = Buffer.isBuffer(to)
    ? { $case: 'conversationId' as const, value: to }
    : { $case: 'userId' as const, value: to.user }
  const content = { content: { $case: 'text' as const, value: { text } } }
  return { $case: 'send', value: chat.Send.create({ clientMessageId: id, target, content }) }
}

/** The hello of a login. */
export function helloOf(login: Login, options: HelloOptions = {}): chat.Hello {
  return {
    accessToken: options.token ?? login.token,
    deviceId: login.deviceId,
    protocolMin: 1,
    protocolMax: 1,
    clientName: 'test/1',
    cursors: [...(options.cursors ?? [])],
    transient: options.transient ?? false,
    more: false,
  }
}

function said(entry: chat.Entry): string {
  const content = entry.content?.content
  return content?.$case === 'text' ? content.value.text : (content?.$case ?? '')
}

/** The texts in entries, in their order. */
export function textsOf(told: readonly Pick<chat.Entries, 'entries'>[]): string[] {
  return told
    .flatMap(({ entries }) => entries)
    .flatMap((entry) => (entry.content?.content?.$case === 'text' ? [said(entry)] : []))
}
