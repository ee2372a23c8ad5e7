import type { Scheduler, Timer } from '@parley/service-kit'
import type { SimClock } from './sim-clock.ts'

/** Time as one process has it: it ends with the process, and its wall clock may be wrong. */
export class ProcessClock implements Scheduler {
  readonly world: SimClock
  /** How wrong the wall clock is. */
  offsetMs = 0
  #isAlive = true
  #isStopped = false
  #held: (() => void)[] = []

  constructor(world: SimClock) {
    this.world = world
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  now(): number {
    return this.world.now() + this.offsetMs
  }

  monotonic(): number {
    return this.world.monotonic()
  }

  random(): number {
    return this.world.random()
  }

  randomBytes(count: number): Uint8Array {
    return this.world.randomBytes(count)
  }

  soon(fn: () => void): void {
    this.world.soon(() => this.run(fn))
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    return this.world.setTimer(delayMs, () => this.run(fn))
  }

  every(periodMs: number, fn: () => void): Timer {
    const timer: Timer = this.world.every(periodMs, () => {
      if (this.#isAlive) this.run(fn)
      else timer.cancel()
    })
    return timer
  }

  /** Does something in this process: now, when it goes on again, or never. */
  run(fn: () => void): void {
    if (!this.#isAlive) return
    if (this.#isStopped) this.#held.push(fn)
    else fn()
  }

  /** Nothing of this process happens any more. */
  kill(): void {
    this.#isAlive = false
    this.#held = []
  }

  /** SIGSTOP and SIGCONT: what was due meanwhile happens then, in its order. */
  stop(): void {
    this.#isStopped = true
  }

  goOn(): void {
    this.#isStopped = false
    for (const fn of this.#held.splice(0)) this.world.soon(() => this.run(fn))
  }
}
