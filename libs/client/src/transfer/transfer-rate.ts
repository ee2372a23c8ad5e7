interface Sample {
  readonly atMs: number
  /** Bytes moved by then, those that had to be moved again counted again. */
  readonly movedBytes: number
}

/** What happened before that says nothing of the present. */
const windowMs = 5_000
const sampleEveryMs = 100
/** Of less time than this no rate is told: it would be chance. */
const leastMs = 200

/** How fast a transfer moves of late; time is the caller's, in milliseconds of a monotonic clock. */
export class TransferRate {
  readonly #samples: Sample[] = []
  #doneBytes = 0
  #movedBytes = 0

  /** So much is done now; what was done at the first call was done by an earlier run. */
  note(nowMs: number, doneBytes: number): void {
    if (this.#samples.length > 0) this.#movedBytes += Math.max(0, doneBytes - this.#doneBytes)
    this.#doneBytes = doneBytes
    const last = this.#samples.at(-1)
    if (last && nowMs - last.atMs < sampleEveryMs) return
    this.#samples.push({ atMs: nowMs, movedBytes: this.#movedBytes })
    this.#forget(nowMs)
  }

  /** Bytes per second over the last five seconds; 0 while nothing moves or little is known. */
  perSecond(nowMs: number): number {
    this.#forget(nowMs)
    const [first] = this.#samples
    const tookMs = first ? nowMs - first.atMs : 0
    if (!first || tookMs < leastMs) return 0
    return ((this.#movedBytes - first.movedBytes) * 1_000) / tookMs
  }

  // The last one before the window stays: the rate is that of the time since then.
  #forget(nowMs: number): void {
    const within = this.#samples.findIndex(({ atMs }) => nowMs - atMs < windowMs)
    const fresh = within < 0 ? this.#samples.length : within
    this.#samples.splice(0, fresh - 1)
  }
}
