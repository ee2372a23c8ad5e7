import type { Scheduler, Timer } from '@parley/service-kit'
import type { Hub } from '../hub/hub.ts'
import type { Journal } from '../store/journal.ts'

/** The most logs compared by one question. */
export const perQuestion = 1_000
/** A flush covers one server of a cluster only: heads of what was just entered are read again so much later. */
const againAfterMs = [250, 2_000] as const
/** A head that is news in a round may be on its way over the bus: it has so long. */
const inTransitMs = 20
/** Logs that messages of nobody make doubtful are compared at most so often, and so many at a time. */
export const doubtEveryMs = 250
export const maxDoubtful = 1_000

/** What comparing needs. */
export interface HeadsCheckParts {
  readonly hub: Hub
  readonly journal: Pick<Journal, 'ask'>
  readonly scheduler: Scheduler
  /** Resolves when the bus knows what is to be heard here, or cannot be waited for. */
  ready(): Promise<void>
}

/** Compares what sessions were told of with the heads of their logs, for a bus may lose anything. */
export class HeadsCheck {
  readonly #parts: HeadsCheckParts
  readonly #timers = new Set<Timer>()
  #entered = new Set<number>()
  #doubtful = new Set<number>()
  /** The subjects of what is doubtful; as many as are subscribed to at most. */
  #doubtedOn = new Set<string>()
  #isOver = false

  constructor(parts: HeadsCheckParts) {
    this.#parts = parts
  }

  /** Sessions have just begun to follow these: their heads are read when the bus knows it, and twice later. */
  entered(conversations: Iterable<number>): void {
    const isFirst = this.#entered.size === 0
    for (const conversation of conversations) this.#entered.add(conversation)
    if (!isFirst || this.#entered.size === 0) return
    this.#parts.scheduler.soon(() => {
      const entered = [...this.#entered]
      this.#entered = new Set()
      void this.#parts.ready().then(() => this.compare(entered))
      for (const ms of againAfterMs) this.#later(ms, () => void this.compare(entered))
    })
  }

  /** Something was said on this subject by who knows whom; what it speaks of is looked up once for many. */
  doubt(subject: string, concerned: () => readonly number[]): void {
    const isFirst = this.#doubtedOn.size === 0
    if (this.#doubtedOn.has(subject)) return
    this.#doubtedOn.add(subject)
    for (const conversation of concerned()) {
      if (this.#doubtful.size < maxDoubtful) this.#doubtful.add(conversation)
    }
    if (!isFirst) return
    this.#later(doubtEveryMs, () => {
      const doubtful = [...this.#doubtful]
      this.#doubtful = new Set()
      this.#doubtedOn = new Set()
      void this.compare(doubtful)
    })
  }

  /** Reads the heads of these logs and tells sessions what they lack; false when some could not be asked for. */
  async compare(conversations: readonly number[], waitMs = 0): Promise<boolean> {
    const { hub, journal } = this.#parts
    let isAnswered = true
    for (let at = 0; at < conversations.length && !this.#isOver; at += perQuestion) {
      const some = conversations.slice(at, at + perQuestion)
      // What cannot be asked now is compared in the next round.
      const rows = await journal.ask('heads', { conversations: some }).catch(() => {
        isAnswered = false
        return []
      })
      const news = rows.filter(({ conversation, seq }) => hub.headOf(conversation) < seq)
      const tell = () => {
        for (const { conversation, seq } of news) {
          if (hub.headOf(conversation) < seq) hub.heard(conversation, seq)
        }
      }
      if (news.length === 0 || this.#isOver) continue
      if (waitMs === 0) tell()
      else this.#later(waitMs, tell)
    }
    return isAnswered
  }

  /** Compares all logs that are followed here; false when some could not be asked for. */
  round(conversations: readonly number[]): Promise<boolean> {
    return this.compare(conversations, inTransitMs)
  }

  close(): void {
    this.#isOver = true
    for (const timer of this.#timers) timer.cancel()
  }

  #later(ms: number, fn: () => void): void {
    if (this.#isOver) return
    const timer = this.#parts.scheduler.setTimer(ms, () => {
      this.#timers.delete(timer)
      fn()
    })
    this.#timers.add(timer)
  }
}
