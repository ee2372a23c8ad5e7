import type { Scheduler, Timer } from '@parley/service-kit'
import { seededRandom } from './seeded-random.ts'

interface Due {
  readonly atMs: number
  readonly fn: () => void
}

/** Where a fake world begins. */
export interface FakeSchedulerOptions {
  readonly seed?: number
  readonly startMs?: number
}

// A run of this many callbacks in one instant is a loop, not a test.
const maxCallbacksPerAdvance = 1_000_000

/**
 * Time, timers and chance that move only when the test says so. The same seed and the same calls
 * give the same run.
 */
export class FakeScheduler implements Scheduler {
  #elapsedMs = 0
  #wallMs: number
  // Ordered by time, then by when they were set.
  readonly #timers: Due[] = []
  readonly #soon: (() => void)[] = []
  readonly #random: () => number

  constructor(options: FakeSchedulerOptions = {}) {
    this.#wallMs = options.startMs ?? 1_767_225_600_000
    this.#random = seededRandom(options.seed ?? 1)
  }

  now(): number {
    return this.#wallMs + this.#elapsedMs
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  random(): number {
    return this.#random()
  }

  randomBytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => Math.floor(this.#random() * 256))
  }

  soon(fn: () => void): void {
    this.#soon.push(fn)
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    const due = { atMs: this.#elapsedMs + Math.max(0, delayMs), fn }
    const before = this.#timers.findLastIndex((timer) => timer.atMs <= due.atMs)
    this.#timers.splice(before + 1, 0, due)
    return { cancel: () => this.#cancel(due) }
  }

  every(periodMs: number, fn: () => void): Timer {
    let timer = this.setTimer(periodMs, tick)
    const again = () => (timer = this.setTimer(periodMs, tick))
    function tick() {
      again()
      fn()
    }
    return { cancel: () => timer.cancel() }
  }

  /** Timers that have not fired, a leak when a test expects none. */
  get pendingTimers(): number {
    return this.#timers.length
  }

  /** Steps the wall clock alone, as an operator or NTP would. */
  stepWallClock(byMs: number): void {
    this.#wallMs += byMs
  }

  /** Lets `ms` pass: runs what is due, in order, with promises settled between callbacks. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms
    await settle()
    for (let ran = 0; this.#step(untilMs); ran += 1) {
      if (ran >= maxCallbacksPerAdvance) throw new Error('the fake scheduler never comes to rest')
      await settle()
    }
    this.#elapsedMs = untilMs
  }

  /** As `advance`, in one go: for code without promises. */
  advanceSync(ms: number): void {
    const untilMs = this.#elapsedMs + ms
    for (let ran = 0; this.#step(untilMs); ran += 1) {
      if (ran >= maxCallbacksPerAdvance) throw new Error('the fake scheduler never comes to rest')
    }
    this.#elapsedMs = untilMs
  }

  // Runs one callback due by then; false when there is none.
  #step(untilMs: number): boolean {
    const soon = this.#soon.shift()
    if (soon) {
      soon()
      return true
    }
    const due = this.#timers[0]
    if (!due || due.atMs > untilMs) return false
    this.#cancel(due)
    this.#elapsedMs = Math.max(this.#elapsedMs, due.atMs)
    due.fn()
    return true
  }

  #cancel(due: Due): void {
    const index = this.#timers.indexOf(due)
    if (index >= 0) this.#timers.splice(index, 1)
  }
}

// A turn of the real event loop, after which every promise that could move has moved.
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
