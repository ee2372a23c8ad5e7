import { randomBytes } from 'node:crypto'

/** Something that will happen later and may still be called off. */
export interface Timer {
  /** Calls it off; harmless when it has already happened. */
  cancel(): void
}

/** The one source of time, timers and chance: injected everywhere, so that a test can own all three. */
export interface Scheduler {
  /** Wall clock, milliseconds since the epoch; may step backwards. */
  now(): number
  /** Milliseconds since some fixed instant; never steps backwards. */
  monotonic(): number
  /** Runs `fn` once, `delayMs` from now (0 to 2^31 - 1). */
  setTimer(delayMs: number, fn: () => void): Timer
  /** Runs `fn` every `periodMs`, the first time one period from now. */
  every(periodMs: number, fn: () => void): Timer
  /** Runs `fn` after the current turn of the event loop, in the order asked. */
  soon(fn: () => void): void
  /** Unpredictable bytes. */
  randomBytes(count: number): Uint8Array
  /** A number from 0 up to but not including 1; not for secrets. */
  random(): number
}

/** The real clock, timers and randomness of this process. */
export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, fn) {
    const handle = setTimeout(fn, delayMs)
    return { cancel: () => clearTimeout(handle) }
  },
  every(periodMs, fn) {
    const handle = setInterval(fn, periodMs)
    return { cancel: () => clearInterval(handle) }
  },
  soon(fn) {
    setImmediate(fn)
  },
  randomBytes: (count) => randomBytes(count),
  random: () => Math.random(),
}
