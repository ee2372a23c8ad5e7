import type { Scheduler } from '@parley/service-kit'
import type { Line } from './line.ts'

/** A line that was never welcomed may have taken over at its server for so long, and is forgiven once. */
const ownWithinMs = 30_000

/** Tells whether who took this device over may have been a line of this very link. */
export class OwnLines {
  readonly #scheduler: Scheduler
  #last: Line | undefined
  #lastAtMs = -Infinity
  #unwelcomedAtMs = -Infinity
  #forgivenAtMs = -Infinity

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** One more line says hello. */
  opened(line: Line): Line {
    if (this.#last?.welcomedAtMs === undefined) this.#unwelcomedAtMs = this.#lastAtMs
    this.#last = line
    this.#lastAtMs = this.#scheduler.monotonic()
    return line
  }

  /**
   * True for a kick that another line may have caused, which lately said hello and never heard of a
   * welcome: its server may have told that it is the newer one. Twice in a row it is somebody else.
   */
  mayCause(reason: string, current: Line | undefined): boolean {
    if (reason !== 'REPLACED') return false
    const nowMs = this.#scheduler.monotonic()
    const isAfter = this.#last !== current && this.#last?.welcomedAtMs === undefined
    const helloAtMs = isAfter ? this.#lastAtMs : this.#unwelcomedAtMs
    const isOwn = nowMs - helloAtMs < ownWithinMs && nowMs - this.#forgivenAtMs >= ownWithinMs
    if (isOwn) this.#forgivenAtMs = nowMs
    return isOwn
  }
}
