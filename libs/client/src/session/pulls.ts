import type { Scheduler, Timer } from '@parley/service-kit'
import type { ConversationLog } from './conversation-log.ts'

/** What asking for missing entries needs. */
export interface PullsOptions {
  readonly scheduler: Scheduler
  readonly pull: (conversationId: string, afterSeq: number) => void
}

interface Behind {
  readonly log: ConversationLog
  seq: number
  sinceMs: number
  asked: boolean
}

// A server sends by itself what it has announced; asking at once would make it read the log twice.
const patienceMs = 1_000
const maxPullsPerRound = 64

/** Asks for what a conversation is behind of, when it does not come by itself. */
export class Pulls {
  readonly #options: PullsOptions
  readonly #behind = new Map<string, Behind>()
  #timer: Timer | undefined

  constructor(options: PullsOptions) {
    this.#options = options
  }

  /** Call after any news of a conversation; `hole`: something came that does not follow. */
  follow(log: ConversationLog, hole: boolean): void {
    const id = log.view.conversationId
    if (!log.isBehind) {
      this.#behind.delete(id)
      return
    }
    const behind = this.#behind.get(id) ?? this.#begin(id, log)
    const moved = behind.seq !== log.seq
    if (moved) Object.assign(behind, { seq: log.seq, sinceMs: this.#now(), asked: false })
    // Asked once for a hole: whatever follows the hole is on its way already and asks no more.
    if (hole && !behind.asked) this.#ask(id, behind)
  }

  /** Forgets everything: a new stream says what is missing by itself. */
  clear(): void {
    this.#behind.clear()
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #watch(): void {
    this.#timer ??= this.#options.scheduler.setTimer(patienceMs / 2, () => this.#round())
  }

  #round(): void {
    this.#timer = undefined
    let asked = 0
    for (const [id, behind] of this.#behind) {
      const { log, seq, sinceMs } = behind
      if (seq !== log.seq) {
        Object.assign(behind, { seq: log.seq, sinceMs: this.#now(), asked: false })
      } else if (this.#now() - sinceMs >= patienceMs && asked < maxPullsPerRound) {
        asked += 1
        this.#ask(id, behind)
      }
    }
    if (this.#behind.size > 0) this.#watch()
  }

  #begin(id: string, log: ConversationLog): Behind {
    const behind = { log, seq: log.seq, sinceMs: this.#now(), asked: false }
    this.#behind.set(id, behind)
    this.#watch()
    return behind
  }

  #ask(id: string, behind: Behind): void {
    Object.assign(behind, { sinceMs: this.#now(), asked: true })
    this.#options.pull(id, behind.log.seq)
  }

  #now(): number {
    return this.#options.scheduler.monotonic()
  }
}
