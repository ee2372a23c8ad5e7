import { systemScheduler } from '@parley/service-kit'
import { MysqlAdapter } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'

/** How long a question may keep the others of its thread waiting, as CPU time. */
const sliceMs = 5

/** The CPU time that a long question may take of its thread, in slices between which others are answered. */
export class Slices {
  readonly #limitMs: number
  readonly #cpuMs: () => number
  #sliceBeganMs: number
  #earlierMs = 0

  constructor(limitMs: number, cpuMs: () => number = threadCpuMs) {
    this.#limitMs = limitMs
    this.#cpuMs = cpuMs
    this.#sliceBeganMs = cpuMs()
  }

  /** What this question has used. */
  get workedMs(): number {
    return this.#earlierMs + this.#cpuMs() - this.#sliceBeganMs
  }

  get isOver(): boolean {
    return this.workedMs >= this.#limitMs
  }

  /**
   * The database to ask in this question. Waiting for one in another process does not count: the
   * thread works for others meanwhile.
   */
  around(db: Kysely<Tables>): Kysely<Tables> {
    if (!(db.getExecutor().adapter instanceof MysqlAdapter)) return db
    return db.withPlugin({
      transformQuery: ({ node }) => {
        this.#earlierMs = this.workedMs
        this.#sliceBeganMs = this.#cpuMs()
        return node
      },
      transformResult: ({ result }) => {
        this.#sliceBeganMs = this.#cpuMs()
        return Promise.resolve(result)
      },
    })
  }

  /** Lets the others of the thread have their turn when a slice is used up. */
  async pause(): Promise<void> {
    const sliceUsedMs = this.#cpuMs() - this.#sliceBeganMs
    if (sliceUsedMs < sliceMs) return
    this.#earlierMs += sliceUsedMs
    await new Promise<void>((resolve) => systemScheduler.soon(resolve))
    this.#sliceBeganMs = this.#cpuMs()
  }
}

/** CPU time rather than time: a busy machine shall not cut a search short. */
function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
