import type { Scheduler, Timer } from '@parley/service-kit'
import type { TransferOptions } from '../api.ts'
import { TransferRate } from './transfer-rate.ts'

/** While nothing moves this is told all the same. */
const tellEveryMs = 1_000

/** Tells whoever watches a transfer how far and how fast it is; `close` when it is over. */
export class TransferWatch {
  readonly #scheduler: Scheduler
  readonly #tell: TransferOptions['progress']
  readonly #rate = new TransferRate()
  readonly #timer: Timer | undefined
  #doneBytes = 0
  #totalBytes: number | undefined

  constructor(scheduler: Scheduler, tell: TransferOptions['progress']) {
    this.#scheduler = scheduler
    this.#tell = tell
    this.#timer = tell && scheduler.every(tellEveryMs, () => this.#say())
  }

  /** So much of so much is done now; less than before when bytes were lost on their way. */
  moved(doneBytes: number, totalBytes: number): void {
    this.#doneBytes = doneBytes
    this.#totalBytes = totalBytes
    this.#rate.note(this.#scheduler.monotonic(), doneBytes)
    this.#say()
  }

  close(): void {
    this.#timer?.cancel()
  }

  #say(): void {
    const [doneBytes, totalBytes] = [this.#doneBytes, this.#totalBytes]
    if (totalBytes === undefined) return
    const ratePerSecond = this.#rate.perSecond(this.#scheduler.monotonic())
    const leftBytes = totalBytes - doneBytes
    const remainingMs = ratePerSecond > 0 ? (leftBytes / ratePerSecond) * 1_000 : undefined
    this.#tell?.({ doneBytes, totalBytes, ratePerSecond, remainingMs })
  }
}
