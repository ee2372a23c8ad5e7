import type { chat } from '@parley/proto'
import type { Scheduler, Timer } from '@parley/service-kit'
import { idBytes } from '../ids.ts'
import type { ChatStream } from './stream.ts'

const maxAckDelayMs = 100
const maxAckEntries = 32

/** What moving the cursors needs. */
export interface MarksOptions {
  readonly scheduler: Scheduler
  readonly stream: () => ChatStream | undefined
}

/** The cursors that move forward only: stored by this device, shown to this user. */
export class Marks {
  readonly #options: MarksOptions
  readonly #acks = new Map<string, chat.Ack>()
  readonly #reads = new Map<string, number>()
  #unacknowledged = 0
  #timer: Timer | undefined

  constructor(options: MarksOptions) {
    this.#options = options
  }

  /** Everything up to `seq` is stored; told at most 100 ms or 32 entries later. */
  stored(conversationId: string, epoch: number, seq: number, count: number): void {
    const known = this.#acks.get(conversationId)
    if (known) Object.assign(known, { epoch, seq })
    else this.#acks.set(conversationId, { conversationId: idBytes(conversationId), epoch, seq })
    this.#unacknowledged += count
    if (this.#unacknowledged >= maxAckEntries) this.flush()
    else this.#wait()
  }

  /** Everything up to `seq` was shown. */
  shown(conversationId: string, seq: number): void {
    const known = this.#reads.get(conversationId) ?? 0
    if (seq <= known) return
    this.#reads.set(conversationId, seq)
    this.#wait()
  }

  /** Tells what has moved, if the server reads; else it is tried again later. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const stream = this.#options.stream()
    if (!stream) return
    if (!stream.ready) return this.#wait()
    for (const value of this.#acks.values()) stream.push({ $case: 'ack', value })
    for (const [conversationId, seq] of this.#reads) {
      stream.push({ $case: 'read', value: { conversationId: idBytes(conversationId), seq } })
    }
    this.#acks.clear()
    this.#reads.clear()
    this.#unacknowledged = 0
  }

  /** The stream is gone: the next one's cursors say what is stored; what was shown is kept. */
  down(): void {
    this.#acks.clear()
    this.#unacknowledged = 0
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(): void {
    this.#timer ??= this.#options.scheduler.setTimer(maxAckDelayMs, () => this.flush())
  }
}
