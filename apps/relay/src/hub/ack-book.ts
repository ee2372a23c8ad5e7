import type { Scheduler, Timer } from '@parley/service-kit'
import type { CommitQueue } from '../store/commit-queue.ts'

/** Delivered cursors reach the disk at most so late. */
const ackDelayMs = 100

/** Marks whose batch was lost are written again, so many at most; of more, devices are sent entries again. */
export const maxLostMarks = 100_000
/** And so much later: the store is away. */
export const lostAgainMs = 1_000

/** What devices have stored, written behind: one command for all devices that moved. */
export class AckBook {
  readonly #commits: CommitQueue
  readonly #scheduler: Scheduler
  readonly #tick: Timer
  /** By device, by conversation. */
  #marks = new Map<number, Map<number, number>>()
  #notBeforeMs = 0

  constructor(commits: CommitQueue, scheduler: Scheduler) {
    this.#commits = commits
    this.#scheduler = scheduler
    this.#tick = scheduler.every(ackDelayMs, () => {
      if (scheduler.monotonic() >= this.#notBeforeMs) this.flush()
    })
  }

  /** A device has everything of a conversation up to `seq`. */
  note(device: number, conversation: number, seq: number): void {
    const marks = this.#marks.get(device) ?? new Map<number, number>()
    marks.set(conversation, Math.max(seq, marks.get(conversation) ?? 0))
    this.#marks.set(device, marks)
  }

  /** Sends what was noted to the journal now. */
  flush(): void {
    if (this.#marks.size === 0) return
    const marks: number[] = []
    for (const [device, byConversation] of this.#marks) {
      for (const [conversation, seq] of byConversation) marks.push(device, conversation, seq)
    }
    this.#marks = new Map()
    this.#commits.push(
      { name: 'ackCursors', input: { marks } },
      { settled: (outcome) => (outcome === undefined ? this.#lost(marks) : undefined) },
    )
  }

  /** Writes the last marks and stops. */
  close(): void {
    this.#tick.cancel()
    this.flush()
  }

  /** Nobody knows whether these were stored, and devices do not tell them again. */
  #lost(marks: readonly number[]): void {
    this.#notBeforeMs = this.#scheduler.monotonic() + lostAgainMs
    for (let at = 0; at < Math.min(marks.length, 3 * maxLostMarks); at += 3) {
      const [device = 0, conversation = 0, seq = 0] = marks.slice(at, at + 3)
      this.note(device, conversation, seq)
    }
  }
}
