import { systemScheduler } from './scheduler.ts'
import type { Scheduler } from './scheduler.ts'
import { within } from './wait.ts'

/** Answers whether one part works: resolve for yes, throw for no. */
export type HealthCheck = () => void | Promise<void>

/** What every check said. */
export interface HealthReport {
  readonly status: 'ok' | 'degraded'
  readonly checks: Readonly<Record<string, 'ok' | 'degraded'>>
}

const checkLimitMs = 1_000

/** The named checks of one process; a check that throws or takes over a second is degraded. */
export class Health {
  readonly #checks = new Map<string, HealthCheck>()
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler = systemScheduler) {
    this.#scheduler = scheduler
  }

  /** Adds a check, or replaces the one of that name. */
  add(name: string, check: HealthCheck): void {
    this.#checks.set(name, check)
  }

  /** Runs all checks at once and says how the process is. */
  async report(): Promise<HealthReport> {
    const answers = await Promise.all([...this.#checks].map((entry) => this.#ask(...entry)))
    const status = answers.every(([, state]) => state === 'ok') ? 'ok' : 'degraded'
    return { status, checks: Object.fromEntries(answers) }
  }

  async #ask(name: string, check: HealthCheck): Promise<[string, 'ok' | 'degraded']> {
    try {
      await within(this.#scheduler, checkLimitMs, name, Promise.resolve().then(check))
      return [name, 'ok']
    } catch {
      return [name, 'degraded']
    }
  }
}
