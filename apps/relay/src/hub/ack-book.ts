import type { Scheduler, Timer } from '@parley/service-kit'
import type { CommitQueue } from '../store/commit-queue.ts'

/** Delivered cursors reach the disk at most so late. */
const ackDelayMs = 100

const nobody = { settled: () => undefined }

/** What devices have stored, written behind: one command for all devices that moved. */
export class AckBook {
  readonly #commits: CommitQueue
  readonly #tick: Timer
  /** By device, by conversation. */
  #marks = new Map<number, Map<number, number>>()

  constructor(commits: CommitQueue, scheduler: Scheduler) {
    this.#commits = commits
    this.#tick = scheduler.every(ackDelayMs, () => this.flush())
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
    this.#commits.push({ name: 'ackCursors', input: { marks } }, nobody)
  }

  /** Writes the last marks and stops. */
  close(): void {
    this.#tick.cancel()
    this.flush()
  }
}
