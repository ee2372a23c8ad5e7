import { AppError } from '@parley/errors'
import type { Scheduler, Timer } from '@parley/service-kit'
import { isTooLong } from './connection.ts'
import type { ReadConnection } from './connection.ts'

/** What a pool may have. */
export interface PoolBounds {
  /** Connections that read at the same time. */
  readonly connections: number
  /** Questions that wait for one; one more is refused as BUSY. */
  readonly waiting: number
  /** How long one waits at most. */
  readonly waitMs: number
}

/** The bounds of a relay's questions. */
export const poolBounds: PoolBounds = { connections: 8, waiting: 10_000, waitMs: 6_000 }

interface Waiting {
  readonly timer: Timer
  resolve(connection: ReadConnection): void
  reject(error: Error): void
}

/** A few connections that many questions share, each for one statement at a time. */
export class ReadPool {
  readonly #connect: () => Promise<ReadConnection>
  readonly #scheduler: Scheduler
  readonly #bounds: PoolBounds
  readonly #open = new Set<ReadConnection>()
  readonly #idle: ReadConnection[] = []
  readonly #waiting = new Set<Waiting>()
  #connecting = 0
  #closed = false

  constructor(
    connect: () => Promise<ReadConnection>,
    scheduler: Scheduler,
    bounds: PoolBounds = poolBounds,
  ) {
    this.#connect = connect
    this.#scheduler = scheduler
    this.#bounds = bounds
  }

  /**
   * Runs one statement's work on a connection. When the connection turns out to be lost it is run
   * again, once, on a new one: reading twice harms nobody.
   */
  async run<Result>(work: (connection: ReadConnection) => Promise<Result>): Promise<Result> {
    const wasIdle = this.#idle.length > 0
    try {
      return await this.#once(work)
    } catch (error) {
      if (!wasIdle || this.#closed || !isLost(error)) throw error
      this.#dropIdle()
      return this.#once(work)
    }
  }

  /** Refuses what waits, and ends all connections. */
  close(): void {
    this.#closed = true
    for (const waiting of this.#waiting) this.#refuse(waiting, closed())
    for (const connection of this.#open) connection.close()
    this.#open.clear()
  }

  async #once<Result>(work: (connection: ReadConnection) => Promise<Result>): Promise<Result> {
    const connection = await this.#acquire()
    try {
      return await work(connection)
    } finally {
      this.#release(connection)
    }
  }

  #acquire(): Promise<ReadConnection> {
    if (this.#closed) return Promise.reject(closed())
    const idle = this.#idle.pop()
    if (idle?.isOpen === true) return Promise.resolve(idle)
    if (idle !== undefined) {
      this.#open.delete(idle)
      return this.#acquire()
    }
    if (this.#waiting.size >= this.#bounds.waiting) {
      return Promise.reject(new AppError('exhausted', 'BUSY', 'too many questions at once'))
    }
    return new Promise((resolve, reject) => {
      const timer = this.#scheduler.setTimer(this.#bounds.waitMs, () => {
        this.#refuse(waiting, tooLate())
      })
      const waiting: Waiting = { timer, resolve, reject }
      this.#waiting.add(waiting)
      this.#connectMore()
    })
  }

  #connectMore(): void {
    const room = this.#bounds.connections - this.#open.size - this.#connecting
    if (room <= 0 || this.#connecting >= this.#waiting.size) return
    this.#connecting += 1
    this.#connect().then(
      (connection) => {
        this.#connecting -= 1
        if (this.#closed) return connection.close()
        this.#open.add(connection)
        this.#release(connection)
      },
      (error: Error) => {
        this.#connecting -= 1
        // Those whose connections are being made wait on; there is always one refused for one failure.
        const [first] = this.#waiting
        if (first !== undefined) this.#refuse(first, error)
        this.#connectMore()
      },
    )
  }

  #release(connection: ReadConnection): void {
    if (!connection.isOpen) {
      this.#open.delete(connection)
      this.#connectMore()
      return
    }
    const [next] = this.#waiting
    if (next === undefined) return void this.#idle.push(connection)
    this.#waiting.delete(next)
    next.timer.cancel()
    next.resolve(connection)
  }

  #refuse(waiting: Waiting, error: Error): void {
    this.#waiting.delete(waiting)
    waiting.timer.cancel()
    waiting.reject(error)
  }

  // When one was lost while nobody used it, the others may have been as well.
  #dropIdle(): void {
    for (const connection of this.#idle.splice(0)) {
      this.#open.delete(connection)
      connection.close()
    }
  }
}

// One that has waited in vain has waited long enough.
function isLost(error: unknown): boolean {
  if (!(error instanceof AppError) || error.reason !== 'STORE_UNAVAILABLE') return false
  return !isTooLong(error.cause)
}

function tooLate(): AppError {
  return new AppError('unavailable', 'STORE_UNAVAILABLE', 'the database is slow or away')
}

function closed(): AppError {
  return new AppError('unavailable', 'STORE_CLOSED', 'the journal is closed')
}
