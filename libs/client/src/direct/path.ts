import { Channel } from '@parley/direct'
import type { DatagramPath } from '@parley/direct'
import { chat } from '@parley/proto'
import type { Scheduler, Timer } from '@parley/service-kit'
import { FileAnswers } from './files/file-answers.ts'
import type { ReadPiece } from './files/file-answers.ts'
import { FileAsks } from './files/file-asks.ts'

const pingEveryMs = 1_000
/** A side that hears nothing for so long is gone; with one ping more it is noticed within 3 s. */
const deadAfterMs = 2_500
/** A side that has not looked for so long has stood still itself: what came meanwhile is heard first. */
const heldUpAfterMs = pingEveryMs
/** Pings whose answer is still waited for. */
const maxPings = 8

/** What a path goes along: in order and whole over TCP, or datagrams that may be lost. */
type Wire = Channel | DatagramPath

/** What a path needs, and whom it tells. */
export interface PathOptions {
  readonly channel: Wire
  readonly scheduler: Scheduler
  /** Of the two devices, who has called: its connection counts if both have. */
  readonly byLower: boolean
  readonly text: (text: chat.DirectText) => void
  /** What the device gets of the files here. */
  readonly read: ReadPiece
  /** The path is over, and why: `CLOSED` when one of the two wanted it. */
  readonly ended: (why: string) => void
}

type Frame = NonNullable<chat.DirectFrame['frame']>

/** A proven channel to one device: texts go along it, and pings that tell whether it lives. */
export class Path {
  readonly byLower: boolean
  readonly remoteKey: Uint8Array
  /** How long to the other and back, in milliseconds; undefined before the first answer. */
  rttMs: number | undefined
  /** For the other's files; datagrams, which nobody sends again, carry none. */
  readonly files: FileAsks | undefined
  readonly #options: PathOptions
  readonly #answers: FileAnswers | undefined
  readonly #pings = new Map<number, number>()
  readonly #timer: Timer
  #heardAtMs: number
  #turnedAtMs: number
  #nonce = 0
  #isOver = false

  constructor(options: PathOptions) {
    const { channel, scheduler, byLower, read } = options
    this.#options = options
    if (channel instanceof Channel) {
      this.files = new FileAsks((value) => this.#send({ $case: 'fileAsk', value }))
      this.#answers = new FileAnswers({
        read,
        say: (value) => this.#send({ $case: 'filePiece', value }),
        drained: () => channel.drained(),
      })
    }
    this.byLower = byLower
    this.remoteKey = channel.remoteKey
    this.#heardAtMs = scheduler.monotonic()
    this.#turnedAtMs = this.#heardAtMs
    this.#timer = scheduler.every(pingEveryMs / 2, () => this.#turn())
    void channel.ended.then((why) => this.#end(why?.reason ?? 'CLOSED'))
    channel.onMessage((bytes) => this.#take(bytes))
    this.#ping()
  }

  /** Sends the second copy of a message; what does not fit goes by the server alone. */
  say(text: chat.DirectText): void {
    this.#send({ $case: 'text', value: text })
  }

  /** Lets go of it. */
  close(): void {
    this.#end('CLOSED')
  }

  #turn(): void {
    const nowMs = this.#options.scheduler.monotonic()
    const wasHeldUp = nowMs - this.#turnedAtMs > heldUpAfterMs
    this.#turnedAtMs = nowMs
    if (!wasHeldUp && nowMs - this.#heardAtMs > deadAfterMs) this.#end('SILENT')
    else this.#ping()
  }

  #ping(): void {
    this.#nonce += 1
    // Every other turn is for looking only.
    if (this.#nonce % 2 === 0 || this.#pings.size >= maxPings) return
    this.#pings.set(this.#nonce, this.#options.scheduler.monotonic())
    this.#send({ $case: 'ping', value: { nonce: this.#nonce } })
  }

  #send(frame: Frame): void {
    const { channel } = this.#options
    if (!channel.isOpen) return
    try {
      channel.send(chat.DirectFrame.encode({ frame }).finish())
    } catch {
      // It is full or over: the server has the message all the same, and silence ends the path.
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.#isOver) return
    const frame = frameOf(bytes)
    if (frame === 'malformed') return this.#end('FRAME_MALFORMED')
    this.#heardAtMs = this.#options.scheduler.monotonic()
    if (frame) this.#hear(frame)
  }

  #hear(frame: Frame): void {
    switch (frame.$case) {
      case 'text':
        return this.#options.text(frame.value)
      case 'ping':
        return this.#send({ $case: 'pong', value: frame.value })
      case 'pong':
        return this.#pong(frame.value.nonce)
      case 'fileAsk':
        if (this.#answers?.asked(frame.value) === false) this.#end('TOO_MANY_ASKS')
        return
      case 'filePiece':
        return this.files?.heard(frame.value)
    }
  }

  #pong(nonce: number): void {
    const sentAtMs = this.#pings.get(nonce)
    if (sentAtMs === undefined) return
    for (const each of this.#pings.keys()) if (each <= nonce) this.#pings.delete(each)
    this.rttMs = this.#options.scheduler.monotonic() - sentAtMs
  }

  #end(why: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer.cancel()
    this.files?.end()
    this.#answers?.end()
    void this.#options.channel.close()
    this.#options.ended(why)
  }
}

// A frame of a later kind is none of ours, and no mistake.
function frameOf(bytes: Uint8Array): Frame | undefined | 'malformed' {
  try {
    return chat.DirectFrame.decode(bytes).frame
  } catch {
    return 'malformed'
  }
}
