import type { Scheduler, Timer } from '@parley/service-kit'
import type { StateChange } from '../state/local-state.ts'

/** What is shown is stored at most so late; what is not stored is shown again after a crash. */
const maxDelayMs = 100

/** Up to where each conversation was shown to the user, on its way to the local state. */
export class ShownMarks {
  readonly #scheduler: Scheduler
  readonly #store: (changes: readonly StateChange[]) => void
  #marks = new Map<string, number>()
  #timer: Timer | undefined
  #isOver = false

  constructor(scheduler: Scheduler, store: (changes: readonly StateChange[]) => void) {
    this.#scheduler = scheduler
    this.#store = store
  }

  /** Everything up to `seq` was shown. */
  note(conversationId: string, seq: number): void {
    if (this.#isOver) return
    this.#marks.set(conversationId, Math.max(seq, this.#marks.get(conversationId) ?? 0))
    this.#timer ??= this.#scheduler.setTimer(maxDelayMs, () => this.#flush())
  }

  /** What is to be stored, for whoever stores something anyway. */
  take(): StateChange[] {
    this.#timer?.cancel()
    this.#timer = undefined
    const marks = [...this.#marks]
    this.#marks = new Map()
    return marks.map(([conversationId, seq]) => ({ kind: 'shown', conversationId, seq }))
  }

  /** Stores the last of it; what is shown from now on is not noted. */
  close(): void {
    this.#isOver = true
    this.#flush()
  }

  #flush(): void {
    const changes = this.take()
    if (changes.length > 0) this.#store(changes)
  }
}
