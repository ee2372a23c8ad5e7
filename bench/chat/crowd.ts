import type { chat } from '@parley/proto'
import { Device } from './device.ts'
import { Pair } from './pair.ts'
import type { Counts } from './pair.ts'
import { newId } from './people.ts'
import type { Couple } from './people.ts'

/** The public doors that the users of each kind connect to: `host:port`, one and the same or two. */
export interface Doors {
  readonly senders: string
  readonly receivers: string
}

/** Violations that are quoted; all are counted. */
const quoted = 10

/** What the crowd has seen in a stretch of time. */
export interface Tally {
  completed: number
  readonly acceptedMs: number[]
  readonly deliveredMs: number[]
}

/** All pairs: each keeps a window of messages under way while it is told to talk, or says one when told. */
export class Crowd {
  readonly violations: string[] = []
  violationCount = 0
  tally: Tally = newTally()
  readonly #textOf: (number: number) => string
  readonly #members: Member[] = []
  #window = 0

  constructor(textOf: (number: number) => string) {
    this.#textOf = textOf
  }

  /** Connects everybody; settles when all have caught up. */
  async connect(doors: Doors, couples: readonly Couple[]): Promise<void> {
    const ready = couples.flatMap((couple, index) => this.#add(doors, couple, `pair ${index}`))
    await Promise.all(ready)
  }

  /** From now on each sender keeps so many messages under way; 0 stops sending. */
  talk(window: number): void {
    this.#window = window
    for (const member of this.#members) this.#fill(member)
  }

  /** A pair sends one message, whose latencies count from when it was to go out. */
  say(pair: number, dueAtMs: number): void {
    const member = this.#members[pair]
    if (member !== undefined) this.#send(member, dueAtMs)
  }

  /** Counts anew. */
  restartTally(): Tally {
    this.tally = newTally()
    return this.tally
  }

  get pairs(): number {
    return this.#members.length
  }

  get inFlight(): number {
    return this.#members.reduce((sum, { pair }) => sum + pair.inFlight, 0)
  }

  /** Counts over all pairs since they were connected. */
  get counts(): Counts {
    const sum = (of: keyof Counts) =>
      this.#members.reduce((all, { pair }) => all + pair.counts[of], 0)
    return { sent: sum('sent'), accepted: sum('accepted'), delivered: sum('delivered') }
  }

  close(): void {
    for (const { sender, receiver } of this.#members) {
      sender.close()
      receiver.close()
    }
  }

  #add(doors: Doors, couple: Couple, name: string): Promise<void>[] {
    const pair: Pair = new Pair(name, {
      accepted: (ms) => this.tally.acceptedMs.push(ms),
      delivered: (ms) => this.tally.deliveredMs.push(ms),
      completed: () => {
        this.tally.completed += 1
        this.#fill(member)
      },
      violation: (what) => this.#violation(what),
    })
    const sender = this.#connected(doors.senders, couple.sender, (event) => {
      if (event.$case === 'accepted') pair.accepted(event.value, performance.now())
      else this.#mustNotBe(name, event)
    })
    const receiver = this.#connected(doors.receivers, couple.receiver, (event) => {
      if (event.$case === 'entries' && isTalk(event.value))
        pair.entries(event.value, performance.now())
      else this.#mustNotBe(name, event)
    })
    const member = { pair, sender: sender.device, receiver: receiver.device }
    this.#members.push(member)
    return [sender.caughtUp, receiver.caughtUp]
  }

  #connected(address: string, who: chat.Credentials, hear: (event: Event) => void) {
    const { promise: caughtUp, resolve, reject } = Promise.withResolvers<void>()
    const device: Device = new Device(address, who, {
      event: (event) => {
        if (event.$case === 'caughtUp') resolve()
        if (event.$case === 'entries') device.stored(event.value)
        hear(event)
      },
      ended: (why) => {
        reject(why)
        this.#violation(`a stream ended: ${why.message}`)
      },
    })
    device.say({ $case: 'hello', value: helloOf(who) })
    return { device, caughtUp }
  }

  #fill(member: Member): void {
    while (member.pair.inFlight < this.#window) this.#send(member, performance.now())
  }

  #send({ pair, sender, receiver }: Member, sentAtMs: number): void {
    const clientMessageId = newId()
    const text = this.#textOf(pair.counts.sent)
    pair.sent(clientMessageId, text, sentAtMs)
    const content: chat.Content = { content: { $case: 'text', value: { text } } }
    const target: chat.Send['target'] =
      pair.conversationId === undefined
        ? { $case: 'userId', value: receiver.credentials.userId }
        : { $case: 'conversationId', value: pair.conversationId }
    const rest = { replyToSeq: 0, receipt: '', forwardOf: undefined }
    sender.say({ $case: 'send', value: { clientMessageId, target, content, ...rest } })
  }

  #mustNotBe(name: string, event: Event): void {
    if (unwanted.has(event.$case)) this.#violation(`${name}: ${event.$case}`)
  }

  #violation(what: string): void {
    this.violationCount += 1
    if (this.violations.length < quoted) this.violations.push(what)
  }
}

interface Member {
  readonly pair: Pair
  readonly sender: Device
  readonly receiver: Device
}

type Event = NonNullable<chat.Event['event']>

/** A run with one of these measures something else than it says. */
const unwanted: ReadonlySet<string> = new Set([
  'refused',
  'unresolved',
  'throttle',
  'kicked',
  'goAway',
  'head',
])

/** Texts; notices of becoming contacts are not counted. */
function isTalk({ entries }: chat.Entries): boolean {
  return entries[0]?.content?.content?.$case === 'text'
}

function newTally(): Tally {
  return { completed: 0, acceptedMs: [], deliveredMs: [] }
}

function helloOf({ accessToken, deviceId }: chat.Credentials): chat.Hello {
  const versions = { protocolMin: 1, protocolMax: 1, clientName: 'bench' }
  return { accessToken, deviceId, ...versions, cursors: [], transient: false, more: false }
}
