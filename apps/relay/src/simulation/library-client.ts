import { EventEmitter } from 'node:events'
import { connect, idText, MemoryState } from '@parley/client'
import type { Channel, ChatClient, ClientEvent, ConnectionState } from '@parley/client'
import { AppError, isAppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Login } from '../testing/engine-world.ts'
import type { Event, Link } from './link.ts'
import type { ClientGround } from './naive-client.ts'
import { lawfulRefusals } from './naive-client.ts'
import type { Waiting } from './outbox.ts'
import { contentOf } from './outbox.ts'
import { seenEntry } from './recorder.ts'
import type { Line } from './recorder.ts'

/** How long a device must have been caught up to have everything. */
const settledAfterMs = 2_000

/** A device with the real client library: what its user is told goes into the history. */
export class LibraryClient {
  readonly name: string
  readonly login: Login
  readonly #ground: ClientGround
  readonly #client: ChatClient
  #caughtUpAtMs = 0

  constructor(name: string, login: Login, ground: ClientGround) {
    this.name = name
    this.login = login
    this.#ground = ground
    const { clock } = ground
    const state = new MemoryState({ keepEntries: 50 })
    state.saveLogin({
      userId: idText(login.userId),
      userName: login.name,
      deviceId: idText(login.deviceId),
      accessToken: login.token,
      accessExpiresAtMs: clock.now() + 3_600_000,
      refreshToken: '',
    })
    this.note({ op: 'invoke', f: 'connect', transient: false, cursors: {} })
    const dial = () => channelTo(ground)
    this.#client = connect({ servers: ['127.0.0.1:1'], state, scheduler: clock, dial })
    this.#client.on((event) => this.#heard(event))
  }

  /** Sends by the library's outbox, which repeats by itself. */
  send({ id, target, kind, body, about, replyTo }: Waiting): void {
    const facts = { to: target.value.toString('hex'), kind, body }
    const at = about === 0 ? {} : { target: about }
    const after = replyTo === 0 ? {} : { replyTo }
    const hex = id.toString('hex')
    this.note({ op: 'invoke', f: 'send', id: hex, ...facts, ...at, ...after })
    const { $case, value } = target
    const to = $case === 'userId' ? { userId: idText(value) } : { conversationId: idText(value) }
    const content = chat.Content.create({ content: contentOf({ kind, body, about }) })
    this.#client.send(to, content, { messageId: idText(id), replyToSeq: replyTo }).then(
      (result) => {
        if (result.state !== 'accepted') return
        const conversation = hexOf(result.conversationId)
        const { seq, duplicate } = result
        this.note({ op: 'ok', f: 'send', id: hex, conversation, seq, duplicate })
      },
      (error: unknown) => this.#refused(hex, error),
    )
  }

  /** The run is over. Its pauses between attempts grow to 10 s: who was caught up late is not judged. */
  end(): void {
    const sinceMs = this.#ground.clock.monotonic() - this.#caughtUpAtMs
    const isSettled = this.#client.connection.state === 'caught-up' && sinceMs > settledAfterMs
    if (!isSettled) this.note({ op: 'info', f: 'closed', why: 'done' })
  }

  note(line: Line): void {
    const { name: client, login } = this
    const [user, device] = [login.userId.toString('hex'), login.deviceId.toString('hex')]
    const session = 'f' in line && line.f === 'send' ? '' : `${client}#1`
    this.#ground.recorder.note({ client, user, device, session }, line)
  }

  #heard(event: ClientEvent): void {
    if (event.type === 'entries') {
      const conversation = hexOf(event.conversation.conversationId)
      const { firstSeq: first, entries } = event
      this.note({ op: 'ok', f: 'entries', conversation, first, entries: entries.map(seenEntry) })
    } else if (event.type === 'gap') {
      const { from, to } = event
      const [conversation, why] = [hexOf(event.conversationId), String(event.why)]
      this.note({ op: 'ok', f: 'gap', conversation, from, to, why })
    } else if (event.type === 'rewound') {
      this.#ground.recorder.complain(`${this.name} was told that a log was rolled back`)
    } else if (event.type === 'connection') this.#moved(event.connection)
  }

  #moved(connection: ConnectionState): void {
    if (connection.state === 'caught-up') this.#caughtUpAtMs = this.#ground.clock.monotonic()
    if (connection.state === 'stopped') {
      this.#ground.recorder.complain(`${this.name} has stopped: ${connection.reason}`)
    }
  }

  #refused(id: string, error: unknown): void {
    const reason = isAppError(error) ? error.reason : String(error)
    this.note({ op: 'fail', f: 'send', id, reason })
    if (!lawfulRefusals.has(reason)) {
      this.#ground.recorder.complain(`${this.name} was refused ${reason} for ${id}`)
    }
  }
}

function hexOf(id: string): string {
  return id.replaceAll('-', '')
}

/** A channel over the simulated network. Only streams go by it. */
function channelTo(ground: ClientGround): Channel {
  const channel = {
    makeBidiStreamRequest: () => new SimCall(ground),
    makeUnaryRequest: () => {
      throw new Error('the simulation has no unary calls')
    },
    close: () => undefined,
  }
  return channel as unknown as Channel
}

/** The client's end of a stream, as grpc-js has it. */
class SimCall extends EventEmitter {
  readonly #link: Link | undefined

  constructor(ground: ClientGround) {
    super()
    this.#link = ground.connect({
      took: (events) => this.#took(events),
      over: (why) => this.#over(why),
    })
    if (this.#link === undefined) ground.clock.setTimer(1, () => this.#over('nobody listens'))
  }

  write(frame: Buffer): boolean {
    this.#link?.tellFrame(frame)
    return true
  }

  end(): void {
    this.#link?.abandon()
  }

  cancel(): void {
    this.#link?.abandon()
  }

  pause(): void {
    this.#link?.stopReading()
  }

  resume(): void {
    if (this.#link?.reads === false) this.#link.readOn()
  }

  #took(events: readonly Event[]): void {
    this.emit('data', { events: events.map((event) => ({ event })) })
  }

  #over(why: string): void {
    const reason = /^refused (.*)$/.exec(why)?.[1]
    if (why === 'ended') this.emit('end')
    else this.emit('error', new AppError('unavailable', reason ?? 'LOST', why))
  }
}
