import type { Socket } from 'node:net'
import type { Scheduler, Timer } from '@parley/service-kit'
import { pauseMs } from './framing.ts'

/** What may be held of one connection before its requests wait. */
const maxUnsentBytes = 64 * 1024
/** The same in answers. */
const maxUnsentAnswers = 64
/** How long a client may take nothing while requests wait for it. */
export const stuckMs = 30_000
/** How long the last answers may take to leave. */
const lingerMs = 5_000

interface Waiting {
  readonly bytes: Buffer
  readonly taken: () => void
}

/** Who is asked and told while answers are written. */
export interface AnswersParts {
  readonly socket: Socket
  readonly scheduler: Scheduler
  /** Whether the client ends lines. */
  readonly endsLines: () => boolean
  /** There is room again. */
  readonly drained: () => void
}

/**
 * The answers to one client, as it asks: to a client that ends lines, lines. The seed's client takes
 * one read for one answer: it gets nothing that the seed has not, and a moment between two.
 */
export class Answers {
  readonly #parts: AnswersParts
  readonly #waiting: Waiting[] = []
  #unsentBytes = 0
  #unsent = 0
  #pace: Timer | undefined
  #stuck: Timer | undefined
  #linger: Timer | undefined
  #isClosed = false

  constructor(parts: AnswersParts) {
    this.#parts = parts
    parts.socket.once('close', () => this.#closed())
  }

  /** Whether requests wait until the client has taken something. */
  get isFull(): boolean {
    if (this.#isClosed) return false
    return this.#unsentBytes >= maxUnsentBytes || this.#unsent >= maxUnsentAnswers
  }

  /** Writes an answer and says how many bytes it has; calls `taken` when they have left. */
  write(answer: string, taken: () => void = nobody): number {
    const bytes = Buffer.from(this.#parts.endsLines() ? `${answer}\n` : answer)
    if (this.#linger !== undefined || this.#isClosed) return bytes.length
    this.#unsentBytes += bytes.length
    this.#unsent += 1
    this.#waiting.push({ bytes, taken })
    if (this.#pace === undefined) this.#writeNext()
    if (this.isFull) this.#awaitTaking()
    return bytes.length
  }

  /** Ends the connection after what was written. */
  end(): void {
    if (this.#linger !== undefined || this.#isClosed) return
    const { socket, scheduler } = this.#parts
    this.#linger = scheduler.setTimer(lingerMs, () => socket.destroy())
    if (this.#waiting.length === 0) socket.end()
  }

  #writeNext(): void {
    this.#pace = undefined
    const { socket, scheduler, endsLines } = this.#parts
    const next = this.#waiting.shift()
    if (next === undefined) return
    socket.write(next.bytes, (error) => {
      if (!error) this.#taken(next)
    })
    if (this.#linger !== undefined && this.#waiting.length === 0) socket.end()
    if (endsLines() && this.#waiting.length === 0) return
    this.#pace = scheduler.setTimer(pauseMs, () => this.#writeNext())
  }

  #taken({ bytes, taken }: Waiting): void {
    const wasFull = this.isFull
    this.#unsentBytes -= bytes.length
    this.#unsent -= 1
    taken()
    if (!wasFull) return
    this.#stuck?.cancel()
    this.#stuck = undefined
    if (this.isFull) this.#awaitTaking()
    else this.#parts.drained()
  }

  #closed(): void {
    this.#isClosed = true
    for (const timer of [this.#pace, this.#stuck, this.#linger]) timer?.cancel()
    this.#parts.drained()
  }

  #awaitTaking(): void {
    const { socket, scheduler } = this.#parts
    this.#stuck ??= scheduler.setTimer(stuckMs, () => socket.destroy())
  }
}

const nobody = () => undefined
