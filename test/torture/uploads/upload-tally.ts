/** What one upload has met on its way. */
export class UploadTally {
  readonly sizeBytes: number
  /** Where it is to be interrupted still, lowest first. */
  readonly cutsAt: number[]
  /** How often somebody began to send. */
  requests = 0
  interruptions = 0
  /** The most bytes of one request that a client had to announce again after it was broken off. */
  mostResentBytes = 0
  /** All bytes that came, those that came again counted again. */
  arrivedBytes = 0
  #brokenEnd: number | undefined

  constructor(sizeBytes: number, cutsAt: readonly number[]) {
    this.sizeBytes = sizeBytes
    this.cutsAt = [...cutsAt]
  }

  /** A client sends on from here: whatever it had announced beyond that it sends again. */
  resumed(offsetBytes: number): void {
    this.requests += 1
    const resentBytes = (this.#brokenEnd ?? offsetBytes) - offsetBytes
    this.mostResentBytes = Math.max(this.mostResentBytes, resentBytes)
    this.#brokenEnd = undefined
  }

  /** A request whose bytes were to end there was not answered. */
  broken(endBytes: number): void {
    this.interruptions += 1
    this.#brokenEnd = endBytes
  }
}
