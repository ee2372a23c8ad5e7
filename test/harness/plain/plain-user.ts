import { delay, systemScheduler } from '@parley/service-kit'
import type { History } from '../history.ts'
import type { Heard, Manner } from './manner.ts'
import { Program } from './program.ts'

/** One try to say a text. */
export interface Try {
  readonly to: string
  readonly text: string
  /** When, by the clock of the history. */
  readonly saidAt: number
  /** When its answer came; undefined as long as none has. */
  answeredAt: number | undefined
}

/** Something that a program showed. */
export interface Shown {
  readonly from: string
  readonly text: string
}

interface Text {
  readonly to: string
  readonly text: string
}

/** So many texts are typed at once, so often, while no more are without an answer. */
const packetTexts = 4
const everyMs = 25
const maxUnanswered = 16
/** The program is started again so much later. */
const againMs = 50

/**
 * Somebody at a program without ids and without memory, who says numbered texts for a while. When the
 * connection ends, the program is started and logged in again, and what had no answer is said again.
 * The last line of a packet is typed in two halves, the second one with the next packet.
 */
export class PlainUser {
  readonly name: string
  /** In the order in which they were made. */
  readonly tries: Try[] = []
  /** What was shown, by connection that was let in. */
  readonly shown: Shown[][] = []
  /** Every no. */
  readonly refusals: string[] = []
  readonly #history: History
  readonly #manner: Manner
  readonly #targets: readonly string[]
  readonly #random: () => number
  readonly #done: Promise<void>
  /** Said and without an answer, oldest first. */
  readonly #open: Text[] = []
  /** The tries that one yes answers, oldest first, of this connection. */
  #underWay: Try[][] = []
  #half: Buffer = Buffer.alloc(0)
  #program: Program | undefined
  #isIn = false
  #hasAnswer = false
  #count = 0
  #talks = false
  #hasLeft = false

  /** Says its texts to these in turn. */
  constructor(
    history: History,
    name: string,
    manner: Manner,
    targets: readonly string[],
    random: () => number,
  ) {
    this.#history = history
    this.name = name
    this.#manner = manner
    this.#targets = targets
    this.#random = random
    this.#done = this.#stay()
  }

  /** Whether the present connection is in the middle of a talk: much was shown, something answered, something not. */
  get isTalking(): boolean {
    const hasBegun = this.#isIn && this.#hasAnswer && this.#underWay.length > 0
    return hasBegun && (this.shown.at(-1)?.length ?? 0) > 20
  }

  /** Texts without an answer. */
  get open(): number {
    return this.#open.length
  }

  /** Says new texts from now on. */
  talk(): void {
    this.#talks = true
  }

  /** No new texts any more; what has no answer is still said again. */
  stop(): void {
    this.#talks = false
  }

  /** Tears the connection; the next one follows. */
  hangUp(): void {
    this.#program?.kill()
  }

  /** Ends the program, and starts it no more. */
  async leave(): Promise<void> {
    this.#hasLeft = true
    this.#program?.kill()
    await this.#done
  }

  async #stay(): Promise<void> {
    while (!this.#hasLeft) {
      await this.#connect()
      if (!this.#hasLeft) await delay(systemScheduler, againMs)
    }
  }

  /** One connection from its beginning to its end. */
  async #connect(): Promise<void> {
    const { command, hello } = this.#manner
    const [file, ...args] = command
    this.#isIn = false
    this.#underWay = []
    this.#half = Buffer.alloc(0)
    const program = new Program(file, args, (line) => this.#hear(this.#manner.hear(line)))
    this.#program = program
    program.type(Buffer.from(hello))
    const typing = systemScheduler.every(everyMs, () => {
      if (this.#isIn) this.#type(program)
    })
    await program.ended
    typing.cancel()
  }

  #hear(heard: Heard | undefined): void {
    if (heard?.is === 'shown') this.shown.at(-1)?.push({ from: heard.from, text: heard.text })
    else if (heard?.is === 'no') this.refusals.push(heard.line)
    else if (heard?.is === 'yes' && this.#isIn) this.#answered()
    else if (heard?.is === 'yes') this.#begin()
  }

  #begin(): void {
    this.#isIn = true
    this.#hasAnswer = false
    this.shown.push([])
  }

  #answered(): void {
    this.#hasAnswer = true
    for (const one of this.#underWay.shift() ?? []) {
      one.answeredAt = this.#history.tick()
      this.#open.shift()
    }
  }

  /** The second half of what was typed last, and the first of what comes next. */
  #type(program: Program): void {
    const packet = Buffer.from(this.#packet())
    const end = packet.lastIndexOf('\n', -2) + 1
    const cut = end + Math.floor(this.#random() * (packet.length - end))
    program.type(Buffer.concat([this.#half, packet.subarray(0, cut)]))
    this.#half = packet.subarray(cut)
  }

  #packet(): string {
    const target = this.#targets[Math.floor(this.#random() * this.#targets.length)] ?? ''
    const tries = this.#nextTexts(target).map((text): Try => {
      return { ...text, saidAt: this.#history.tick(), answeredAt: undefined }
    })
    const [first] = tries
    if (first === undefined) return ''
    this.tries.push(...tries)
    this.#underWay.push(...(this.#manner.answers === 'all' ? [tries] : tries.map((one) => [one])))
    return this.#manner.say(
      first.to,
      tries.map(({ text }) => text),
    )
  }

  /** Those first that had no answer on an earlier connection, all to one receiver. */
  #nextTexts(target: string): Text[] {
    const typed = this.#underWay.flat().length
    const again = this.#open.slice(typed, typed + packetTexts)
    const other = again.findIndex(({ to }) => to !== again[0]?.to)
    if (again.length > 0) return other < 0 ? again : again.slice(0, other)
    if (!this.#talks || typed >= maxUnanswered) return []
    return Array.from({ length: packetTexts }, () => {
      this.#count += 1
      const text = { to: target, text: `${this.name} ${this.#count} 茶` }
      this.#open.push(text)
      return text
    })
  }
}
