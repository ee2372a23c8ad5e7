import { idBytes, idText } from '@parley/client'
import type { chat } from '@parley/proto'
import { delay, systemScheduler } from '@parley/service-kit'
import type { Person } from '../../harness/person.ts'
import { Wire, helloOf } from '../../harness/wire.ts'
import type { EventCase, EventOf } from '../../harness/wire.ts'
import type { CommandCase } from './command.ts'
import { heard } from './heard.ts'
import { Outbox } from './outbox.ts'
import { Positions } from './positions.ts'
import { Reading } from './reading.ts'
import type { Happening, Recorder } from './recorder.ts'

/** What a device says, with what the history is told of it. */
export interface Message {
  readonly id: string
  readonly to: string
  readonly kind: string
  readonly body: string
  readonly target?: number
  readonly replyTo?: number
  readonly command: CommandCase
}

/** Whose device it is, and how it behaves. */
export interface DeviceOptions {
  readonly person: Person
  /** Unique over the history. */
  readonly name: string
  readonly recorder: Recorder
  /** `host:port` to connect to next. */
  readonly door: () => string
  /** Messages under way at most. */
  readonly window: number
  /** Told of every event besides. */
  readonly listener?: (event: EventCase) => void
  /** Conversations of which it says that it has nothing yet, and the epoch of their logs. */
  readonly from?: readonly string[]
  readonly epoch?: number
  /** Told of the device itself, so that somebody closes it. */
  readonly opened?: (device: Device) => void
  /** Tries again after being sent away for good; false for one whose login is to end. */
  readonly returns?: boolean
}

type Told = Pick<EventOf<'entries'>, 'conversationId' | 'epoch'>

const helloLimitMs = 4_000
const pingEveryMs = 1_000
const retryMs = 150
/** What came back as unresolved or refused is written again after so long. */
const againMs = 40
const ackEveryMs = 25
const longestPauseMs = 500
let sessions = 0

/**
 * A naive device with a lasting session: it notes everything as it comes, repeats what has no final
 * answer, on whatever relay it comes to, and neither sorts, drops, nor asks for anything.
 */
export class Device {
  readonly name: string
  readonly person: Person
  readonly positions = new Positions()
  readonly #options: DeviceOptions
  readonly #outbox = new Outbox()
  readonly #messages = new Map<string, Message>()
  readonly #repeats = new Set<string>()
  readonly #done: Promise<void>
  readonly #unacked = new Set<string>()
  readonly #reading = new Reading()
  readonly #timers: { cancel(): void }[]
  #wire: Wire | undefined
  #session = ''
  #isOnline = false
  #closed = false
  #pumping = false

  constructor(options: DeviceOptions) {
    this.#options = options
    this.name = options.name
    this.person = options.person
    this.#timers = [
      systemScheduler.every(pingEveryMs, () => this.#watch()),
      systemScheduler.every(ackEveryMs, () => this.#ack()),
    ]
    for (const id of options.from ?? []) this.positions.told(id, options.epoch ?? 0, 0)
    options.opened?.(this)
    this.#done = this.#stay()
  }

  /** Messages without a final answer. */
  get waiting(): number {
    return this.#outbox.size
  }

  get isOnline(): boolean {
    return this.#isOnline
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Sends a message, sooner or later. */
  say(message: Message): void {
    this.#messages.set(message.id, message)
    this.#outbox.add({ id: message.id, place: message.to, command: message.command })
    this.#pump()
  }

  /** Sends a message once more that was accepted long ago, as if its answer had been lost. */
  repeat(message: Message): void {
    if (!this.#isOnline || this.#repeats.has(message.id)) return
    this.#messages.set(message.id, message)
    this.#repeats.add(message.id)
    this.#invoke([message])
  }

  /** Writes something that is no message. */
  write(command: CommandCase): void {
    if (this.#isOnline) this.#wire?.write(command)
  }

  /** Does not read for so long. */
  pause(forMs: number): void {
    const wire = this.#wire
    if (!wire || !this.#isOnline) return
    this.#reading.pause(forMs)
    wire.reads = false
    const session = this.#session
    this.note({ op: 'info', f: 'reading', on: false })
    systemScheduler.setTimer(forMs, () => {
      wire.reads = true
      if (session === this.#session) this.note({ op: 'info', f: 'reading', on: true })
    })
  }

  /** Cuts the stream; the device comes again at once. */
  hangUp(): void {
    this.#wire?.close()
  }

  /** Leaves for good, in order. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) timer.cancel()
    if (this.#isOnline) this.#wire?.write({ $case: 'bye', value: {} })
    const limit = systemScheduler.setTimer(1_000, () => this.#wire?.close())
    await this.#done
    limit.cancel()
  }

  /** Is gone without a word, for good. */
  async crash(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) timer.cancel()
    this.#wire?.close()
    await this.#done
  }

  async #stay(): Promise<void> {
    while (!this.#closed) {
      const why = await this.#stream().catch((error: unknown) => `failed ${String(error)}`)
      this.#lost(why)
      if (this.#options.returns === false && why.startsWith('kicked')) break
      if (!this.#closed) await delay(systemScheduler, retryMs)
    }
    this.#closed = true
  }

  /** One stream, from its hello to its end; answers why it ended. */
  async #stream(): Promise<string> {
    sessions += 1
    this.#session = `${this.name}/${sessions}`
    const held = this.positions.all()
    const cursors = Object.fromEntries(held.map(([id, { seq }]) => [id, seq]))
    this.note({ op: 'invoke', f: 'connect', transient: false, cursors })
    this.#reading.heard()
    let kicked: string | undefined
    const hello = {
      cursors: held.map(([id, at]) => ({ conversationId: Buffer.from(idBytes(id)), ...at })),
      clientName: this.name,
    }
    const wire = new Wire(this.#options.door())
    this.#wire = wire
    wire.keepsEvents = false
    wire.on((event) => {
      // What a stream that was not read still holds is lost with it.
      if (wire !== this.#wire) return
      if (event.$case === 'kicked') kicked = event.value.reason
      this.#take(event)
    })
    wire.write({ $case: 'hello', value: helloOf(this.person.login(), hello) })
    const late = systemScheduler.setTimer(helloLimitMs, () => {
      if (!this.#isOnline) wire.close()
    })
    const end = await wire.ended
    late.cancel()
    wire.close()
    if (kicked !== undefined) return `kicked ${kicked}`
    return end.code === 0 || this.#closed ? 'done' : `${end.code} ${end.reason ?? end.details}`
  }

  #lost(why: string): void {
    this.#isOnline = false
    this.#wire = undefined
    for (const { id } of this.#outbox.lost()) {
      this.note({ op: 'info', f: 'send', id, why: 'the stream ended' })
    }
    for (const id of this.#repeats) {
      this.note({ op: 'info', f: 'send', id, why: 'the stream ended' })
    }
    this.#repeats.clear()
    this.note({ op: 'info', f: 'closed', why })
    this.#session = ''
  }

  #take(event: EventCase): void {
    this.#reading.heard()
    const happening = heard(event)
    if (happening) this.note(happening)
    this.#options.listener?.(event)
    switch (event.$case) {
      case 'welcome':
        this.#isOnline = true
        return this.#pump()
      case 'entries':
        return this.#told(event.value, event.value.firstSeq + event.value.entries.length - 1)
      case 'gap':
        return this.#told(event.value, event.value.to)
      case 'goAway':
        return this.hangUp()
      case 'accepted':
        return this.#accepted(event.value)
      case 'refused':
        return this.#refused(idText(event.value.clientMessageId), event.value.reason)
      case 'unresolved': {
        const { clientMessageId, retryAfterMs } = event.value
        return this.#again(idText(clientMessageId), Math.min(longestPauseMs, retryAfterMs))
      }
      default:
    }
  }

  #told({ conversationId, epoch }: Told, upTo: number): void {
    const conversation = idText(conversationId)
    this.positions.told(conversation, epoch, upTo)
    this.#unacked.add(conversation)
  }

  #accepted({ clientMessageId, conversationId, epoch, seq, duplicate }: EventOf<'accepted'>): void {
    const conversation = idText(conversationId)
    if (!duplicate && this.positions.sent(conversation, epoch, seq)) {
      this.#unacked.add(conversation)
    }
    this.#final(idText(clientMessageId))
  }

  #refused(id: string, reason: string): void {
    if (reason === 'PREDECESSOR') this.#again(id, againMs)
    else this.#final(id)
  }

  #final(id: string): void {
    const wasRepeat = this.#repeats.delete(id)
    if (wasRepeat) return
    this.#outbox.settle(id)
    this.#pump()
  }

  #again(id: string, afterMs: number): void {
    if (this.#repeats.delete(id)) return
    this.#outbox.again(id)
    systemScheduler.setTimer(afterMs, () => this.#pump())
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      if (!this.#isOnline) return
      const pending = this.#outbox.take(this.#options.window)
      const messages = pending.flatMap(({ id }) => this.#messages.get(id) ?? [])
      if (messages.length > 0) this.#invoke(messages)
    })
  }

  #invoke(messages: readonly Message[]): void {
    for (const { command: _command, ...told } of messages) {
      this.note({ op: 'invoke', f: 'send', ...told })
    }
    this.#wire?.write(...messages.map(({ command }) => command))
  }

  #ack(): void {
    if (!this.#isOnline || this.#unacked.size === 0) return
    const acks = this.positions.all().filter(([id]) => this.#unacked.has(id))
    this.#unacked.clear()
    this.#wire?.write(
      ...acks.map(([id, at]) => ({
        $case: 'ack' as const,
        value: { conversationId: Buffer.from(idBytes(id)), ...at } satisfies chat.Ack,
      })),
    )
  }

  #watch(): void {
    if (!this.#isOnline || this.#reading.isPaused) return
    if (this.#reading.isSilent) return this.hangUp()
    this.#wire?.write({ $case: 'ping', value: { nonce: 1 } })
  }

  /** Notes something in the name of this device. */
  note(happening: Happening): void {
    const { userId, login } = this.person
    const { deviceId } = login()
    const who = { client: this.name, user: userId, device: deviceId, session: this.#session }
    this.#options.recorder.note(who, happening)
  }
}
