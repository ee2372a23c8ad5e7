import type { Scheduler, Timer } from '@parley/service-kit'
import { seededRandom } from '@parley/testkit'

interface Due {
  readonly atMs: number
  readonly number: number
  fn: (() => void) | undefined
}

/** How many rounds of promises run between two callbacks of one instant. */
const roundsPerCallback = 3
const startMs = 1_767_229_200_000

/**
 * The one clock of a simulated world: timers in a heap, all chance from one seed. Time moves only
 * when nothing is left to do in an instant, every promise included.
 */
export class SimClock implements Scheduler {
  readonly #heap: Due[] = []
  #soon: (() => void)[] = []
  #at = 0
  #nowMs = 0
  #number = 0
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  now(): number {
    return startMs + this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  random(): number {
    return this.#random()
  }

  randomBytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let i = 0; i < count; i += 1) bytes[i] = this.#random() * 256
    return bytes
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1))
  }

  /** True so often. */
  chance(share: number): boolean {
    return this.#random() < share
  }

  /** One of several. */
  pick<T>(of: readonly T[]): T {
    const one = of[Math.floor(this.#random() * of.length)]
    if (one === undefined) throw new Error('nothing to pick from')
    return one
  }

  soon(fn: () => void): void {
    this.#soon.push(fn)
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    const atMs = this.#nowMs + Math.max(0, Math.ceil(delayMs))
    const due: Due = { atMs, number: ++this.#number, fn }
    this.#push(due)
    return { cancel: () => (due.fn = undefined) }
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

  /** Lets time pass up to `untilMs`. */
  async run(untilMs: number): Promise<void> {
    await allPromises()
    for (;;) {
      while (this.#at < this.#soon.length) await this.#runSoon()
      const due = this.#heap[0]
      if (due === undefined || due.atMs > untilMs) break
      if (due.atMs > this.#nowMs) {
        await allPromises()
        // A promise may have asked for something sooner.
        if (this.#soon.length > 0 || this.#heap[0] !== due) continue
        this.#nowMs = due.atMs
      }
      this.#pop()
      if (due.fn === undefined) continue
      due.fn()
      await promises()
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }

  async #runSoon(): Promise<void> {
    const fn = this.#soon[this.#at]
    this.#at += 1
    if (this.#at === this.#soon.length) {
      this.#soon = []
      this.#at = 0
    }
    fn?.()
    await promises()
  }

  #push(due: Due): void {
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(due, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = due
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const child = this.#earlierChild(at)
      const below = heap[child]
      if (below === undefined || !isBefore(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }

  #earlierChild(at: number): number {
    const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]]
    if (left === undefined || right === undefined) return 2 * at + 1
    return isBefore(left, right) ? 2 * at + 1 : 2 * at + 2
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number)
}

const settled = Promise.resolve()

async function promises(): Promise<void> {
  for (let i = 0; i < roundsPerCallback; i += 1) await settled
}

/** A turn of the real event loop, after which every promise that could move has moved. */
function allPromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
