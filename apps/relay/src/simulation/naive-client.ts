import type { chat } from '@parley/proto'
import type { Timer } from '@parley/service-kit'
import type { Login } from '../testing/engine-world.ts'
import { helloOf } from '../testing/fake-device.ts'
import type { CommandCase, Event, Link, LinkEnd } from './link.ts'
import { Outbox, sendCommand } from './outbox.ts'
import type { Waiting } from './outbox.ts'
import { Repeats } from './repeats.ts'
import { seenEntry } from './recorder.ts'
import type { Line, Recorder } from './recorder.ts'
import type { SimClock } from './sim-clock.ts'

/** Silence after which a client gives a stream up. */
const silenceMs = 20_000
const pingEveryMs = 4_000

/** What a client needs of its world. */
export interface ClientGround {
  readonly clock: SimClock
  readonly recorder: Recorder
  /** Opens a stream to a relay that listens. */
  connect(end: LinkEnd): Link | undefined
  /** The client has asked for something by itself. */
  counted(): void
  /** The client's login is over: it needs another. */
  loggedOut(client: NaiveClient): void
}

/** Refusals that a client of the workload may meet. */
export const lawfulRefusals: ReadonlySet<string> = new Set([
  'NOT_A_MEMBER',
  'NOT_EDITABLE',
  'NOT_RECALLABLE',
  'NO_SUCH_ENTRY',
])

/**
 * A client straight on the protocol. It keeps cursors and an outbox, but neither filters what it is
 * told twice nor asks for what it misses: what it notes is what it got.
 */
export class NaiveClient {
  readonly name: string
  readonly isTransient: boolean
  login: Login
  readonly outbox = new Outbox()
  /** What it has, by conversation. */
  readonly levels = new Map<string, number>()
  readonly ids = new Map<string, Buffer>()
  /** Own texts that were accepted: what to edit, recall or repeat. */
  readonly accepted: { readonly item: Waiting; readonly conversation: string; seq: number }[] = []
  isCaughtUp = false
  readonly #ground: ClientGround
  #link: Link | undefined
  #session = ''
  #streams = 0
  #known = new Set<string>()
  #heardAtMs = 0
  #pingedAtMs = 0
  #isWanted = true
  #retry: Timer | undefined
  readonly #repeats = new Repeats(this.outbox)

  constructor(name: string, login: Login, isTransient: boolean, ground: ClientGround) {
    this.name = name
    this.login = login
    this.isTransient = isTransient
    this.#ground = ground
  }

  get link(): Link | undefined {
    return this.#link
  }

  get user(): string {
    return this.login.userId.toString('hex')
  }

  /** Opens a stream, now or when somebody listens. */
  connect(): void {
    if (this.#link !== undefined || !this.#isWanted) return
    this.#streams += 1
    const session = `${this.name}#${this.#streams}`
    const link = this.#ground.connect({
      took: (events) => this.#took(link, events),
      over: (why) => this.#over(link, why),
    })
    if (link === undefined) return this.#reconnectSoon()
    this.#link = link
    this.#session = session
    this.#known = new Set(this.levels.keys())
    this.isCaughtUp = false
    this.#heardAtMs = this.#ground.clock.monotonic()
    this.#pingedAtMs = this.#heardAtMs
    const levels = this.isTransient ? [] : [...this.levels]
    this.note({
      op: 'invoke',
      f: 'connect',
      transient: this.isTransient,
      cursors: Object.fromEntries(levels),
    })
    const cursors = levels.map(([id, seq]) => ({ conversationId: this.idOf(id), epoch: 1, seq }))
    link.tell([
      { $case: 'hello', value: helloOf(this.login, { transient: this.isTransient, cursors }) },
      ...this.#commandsToSend(),
    ])
  }

  /** Sends what may go now. */
  flush(): void {
    if (this.#link === undefined) {
      if (this.isTransient) this.#reconnectSoon()
      return
    }
    const commands = this.#commandsToSend()
    if (commands.length > 0) this.#link.tell(commands)
  }

  send(items: readonly Waiting[]): void {
    for (const item of items) this.outbox.add(item)
    this.flush()
  }

  /** Sends a message again that was answered before. */
  repeat(item: Waiting, isConflict = false): void {
    if (this.#link === undefined) return
    if (!this.#repeats.begin(item, isConflict)) return
    this.#noteAttempt(item)
    this.#link.tell([sendCommand(item)])
  }

  tell(command: CommandCase): void {
    this.#link?.tell([command])
  }

  /** Gives the stream up by itself. */
  leave(why: string): void {
    const link = this.#link
    if (link === undefined) return
    link.abandon()
    this.#over(link, why)
  }

  stopReading(): void {
    this.note({ op: 'info', f: 'reading', on: false })
    this.#link?.stopReading()
  }

  readOn(): void {
    const link = this.#link
    if (link === undefined || link.reads) return
    this.note({ op: 'info', f: 'reading', on: true })
    // Silence was its own.
    this.#heardAtMs = this.#ground.clock.monotonic()
    link.readOn()
  }

  /** Once a second. */
  beat(): void {
    const nowMs = this.#ground.clock.monotonic()
    if (this.#link === undefined) return
    if (nowMs - this.#heardAtMs > silenceMs) return this.leave('silent')
    if (nowMs - this.#pingedAtMs >= pingEveryMs) {
      this.#pingedAtMs = nowMs
      this.#link.tell([{ $case: 'ping', value: { nonce: nowMs } }])
    }
    this.flush()
  }

  /** Goes on as another device, with nothing stored. */
  becomes(login: Login): void {
    this.login = login
    this.levels.clear()
    this.#isWanted = true
    this.connect()
  }

  idOf(conversation: string): Buffer {
    const id = this.ids.get(conversation) ?? Buffer.from(conversation, 'hex')
    this.ids.set(conversation, id)
    return id
  }

  note(line: Line): void {
    const { name: client, user } = this
    const device = this.login.deviceId.toString('hex')
    this.#ground.recorder.note({ client, user, device, session: this.#session }, line)
  }

  #commandsToSend(): CommandCase[] {
    const items = this.outbox.take(this.#ground.clock.monotonic())
    for (const item of items) this.#noteAttempt(item)
    return items.map(sendCommand)
  }

  #noteAttempt({ id, target, kind, body, about, replyTo }: Waiting): void {
    this.note({
      op: 'invoke',
      f: 'send',
      id: id.toString('hex'),
      to: target.value.toString('hex'),
      kind,
      body,
      ...(about === 0 ? {} : { target: about }),
      ...(replyTo === 0 ? {} : { replyTo }),
    })
  }

  #took(link: Link | undefined, events: readonly Event[]): void {
    if (link === undefined || link !== this.#link) return
    this.#heardAtMs = this.#ground.clock.monotonic()
    for (const event of events) if (this.#link === link) this.#take(event)
    if (this.#link !== link) return
    this.flush()
    if (this.isTransient && this.outbox.size === 0 && this.#repeats.size === 0) {
      link.tell([{ $case: 'bye', value: {} }])
      this.leave('done')
    }
  }

  #take(event: Event): void {
    switch (event.$case) {
      case 'welcome':
        return this.note({ op: 'ok', f: 'connect' })
      case 'caughtUp':
        this.isCaughtUp = true
        return this.note({ op: 'ok', f: 'caught-up' })
      case 'entries':
        return this.#entries(event.value)
      case 'gap':
        return this.#gap(event.value)
      case 'accepted':
        return this.#accepted(event.value)
      case 'refused':
        return this.#refused(event.value)
      case 'unresolved':
        return this.#unresolved(event.value)
      case 'kicked':
        return this.#kicked(event.value.reason)
      case 'goAway':
        return this.#goElsewhere()
      default:
    }
  }

  #entries({ conversationId, epoch, firstSeq: first, entries }: chat.Entries): void {
    const conversation = conversationId.toString('hex')
    this.ids.set(conversation, conversationId)
    this.#known.add(conversation)
    this.note({ op: 'ok', f: 'entries', conversation, first, entries: entries.map(seenEntry) })
    const seq = first + entries.length - 1
    this.#store(conversation, seq)
    if (this.#ground.clock.chance(0.15)) {
      this.#ground.counted()
      this.tell({ $case: 'ack', value: { conversationId, epoch, seq } })
    }
  }

  #gap({ conversationId, from, to, why }: chat.Gap): void {
    const conversation = conversationId.toString('hex')
    this.#known.add(conversation)
    this.note({ op: 'ok', f: 'gap', conversation, from, to, why: String(why) })
    this.#store(conversation, to)
  }

  #store(conversation: string, seq: number): void {
    this.levels.set(conversation, Math.max(seq, this.levels.get(conversation) ?? 0))
  }

  #accepted({ clientMessageId, conversationId, seq, duplicate }: chat.Accepted): void {
    const id = clientMessageId.toString('hex')
    const conversation = conversationId.toString('hex')
    this.note({ op: 'ok', f: 'send', id, conversation, seq, duplicate })
    this.#repeats.answered(id)
    const isNext = this.levels.get(conversation) === seq - 1
    if (!duplicate && !this.isTransient && this.#known.has(conversation) && isNext) {
      this.levels.set(conversation, seq)
    }
    const item = this.outbox.settled(id)
    if (item?.kind === 'text') this.accepted.push({ item, conversation, seq })
  }

  #refused({ clientMessageId, reason }: chat.Refused): void {
    const id = clientMessageId.toString('hex')
    this.note({ op: 'fail', f: 'send', id, reason })
    this.#repeats.answered(id)
    if (reason === 'PREDECESSOR') return this.outbox.failed(id, 0)
    this.outbox.settled(id)
    const isExpected = reason === 'ID_CONFLICT' && this.#repeats.takeChanged(id)
    if (!isExpected && !lawfulRefusals.has(reason)) {
      this.#ground.recorder.complain(`${this.name} was refused ${reason} for ${id}`)
    }
  }

  #unresolved({ clientMessageId }: chat.Unresolved): void {
    const { clock } = this.#ground
    const id = clientMessageId.toString('hex')
    this.note({ op: 'info', f: 'send', id, why: 'unresolved' })
    const waitMs = clock.between(100, 1_000)
    const [repeated, link] = [this.#repeats.get(id), this.#link]
    if (repeated !== undefined) {
      clock.setTimer(waitMs, () => {
        if (this.#link !== link || link === undefined) return
        this.#noteAttempt(repeated)
        link.tell([sendCommand(repeated)])
      })
    }
    this.outbox.failed(id, clock.monotonic() + waitMs)
    clock.setTimer(waitMs, () => this.flush())
  }

  #goElsewhere(): void {
    const { clock } = this.#ground
    const link = this.#link
    clock.setTimer(clock.between(0, 1_000), () => {
      if (link !== undefined && this.#link === link) this.leave('going elsewhere')
    })
  }

  #kicked(reason: string): void {
    const isFinal = reason === 'REVOKED' || reason === 'DISABLED'
    this.leave(isFinal ? `kicked ${reason}` : reason)
    if (isFinal) this.#logOut()
  }

  #over(link: Link | undefined, why: string): void {
    if (link === undefined || link !== this.#link) return
    this.note({ op: 'info', f: 'closed', why })
    this.#link = undefined
    for (const { id } of this.outbox.grounded()) this.#noteUnknown(id.toString('hex'))
    for (const id of this.#repeats.ids) this.#noteUnknown(id)
    this.#repeats.clear()
    if (why === 'refused LOGIN_ENDED') this.#logOut()
    this.#reconnectSoon()
  }

  #noteUnknown(id: string): void {
    this.note({ op: 'info', f: 'send', id, why: 'stream ended' })
  }

  #logOut(): void {
    if (!this.#isWanted) return
    this.#isWanted = false
    this.#ground.loggedOut(this)
  }

  #reconnectSoon(): void {
    if (this.isTransient && this.outbox.size === 0) return
    const { clock } = this.#ground
    this.#retry?.cancel()
    this.#retry = clock.setTimer(clock.between(0, 800), () => this.connect())
  }
}
