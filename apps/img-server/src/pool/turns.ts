/** How many may go at once, and how many may wait. */
export interface TurnLimits {
  /** Turns that may be taken at once. */
  readonly places: number
  readonly maxWaiting: number
  /** Of one user; the rest is for others. */
  readonly maxWaitingOfUser: number
}

interface Waiting {
  readonly user: string
  resolve(): void
  reject(error: Error): void
}

/**
 * Whose turn it is. No user has the last free place while there are several places, so one who sends
 * images that take long keeps nobody else from theirs.
 */
export class Turns {
  readonly #limits: TurnLimits
  readonly #taken = new Map<string, number>()
  readonly #waiting: Waiting[] = []

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Resolves when it is this user's turn; answers undefined at once when too many wait. */
  take(user: string): Promise<void> | undefined {
    if (this.#mayGo(user)) {
      this.#count(user, 1)
      return Promise.resolve()
    }
    if (this.#isFull(user)) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ user, resolve, reject })
    return promise
  }

  /** Ends one turn of this user; whoever may go now goes. */
  end(user: string): void {
    this.#count(user, -1)
    const next = this.#waiting.findIndex((one) => this.#mayGo(one.user))
    const [waiting] = next < 0 ? [] : this.#waiting.splice(next, 1)
    if (!waiting) return
    this.#count(waiting.user, 1)
    waiting.resolve()
  }

  /** Sends everybody away who waits. */
  clear(reason: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(reason)
  }

  #isFull(user: string): boolean {
    const { maxWaiting, maxWaitingOfUser } = this.#limits
    if (this.#waiting.length >= maxWaiting) return true
    return this.#waiting.filter((one) => one.user === user).length >= maxWaitingOfUser
  }

  #mayGo(user: string): boolean {
    const { places } = this.#limits
    const taken = this.#taken.values().reduce((sum, count) => sum + count, 0)
    return taken < places && (this.#taken.get(user) ?? 0) < Math.max(1, places - 1)
  }

  #count(user: string, change: number): void {
    const count = (this.#taken.get(user) ?? 0) + change
    if (count > 0) this.#taken.set(user, count)
    else this.#taken.delete(user)
  }
}
