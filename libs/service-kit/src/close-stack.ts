import { within } from './wait.ts'
import { systemScheduler } from './scheduler.ts'
import type { Scheduler } from './scheduler.ts'

/** Ends one thing that was started. */
export type Closer = () => void | Promise<void>

interface Entry {
  readonly name: string
  readonly close: Closer
  readonly limitMs: number
}

const defaultLimitMs = 5_000

/** What a process has opened, closed in reverse order, each within its time, whatever fails. */
export class CloseStack {
  readonly #entries: Entry[] = []
  readonly #scheduler: Scheduler
  #closing: Promise<void> | undefined

  constructor(scheduler: Scheduler = systemScheduler) {
    this.#scheduler = scheduler
  }

  /** Remembers how to close what was just opened; throws when closing has already begun. */
  push(name: string, close: Closer, limitMs: number = defaultLimitMs): void {
    if (this.#closing) throw new Error(`${name} was opened while everything was being closed`)
    this.#entries.push({ name, close, limitMs })
  }

  /**
   * Closes everything, last opened first. Every closer runs; if some failed or were late it
   * rejects with one AggregateError at the end. A second call returns the first one's promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const errors: Error[] = []
    for (const entry of this.#entries.toReversed()) {
      try {
        await within(this.#scheduler, entry.limitMs, `closing ${entry.name}`, run(entry.close))
      } catch (cause) {
        errors.push(new Error(`${entry.name} did not close: ${text(cause)}`, { cause }))
      }
    }
    this.#entries.length = 0
    if (errors.length > 0) throw new AggregateError(errors, errors.map(text).join('; '))
  }
}

/**
 * Runs `open` with a new stack; if it throws, what it had opened so far is closed and the error
 * goes on. The composition root of every service stands in one of these.
 */
export async function openAll<T>(
  open: (closers: CloseStack) => Promise<T>,
  scheduler?: Scheduler,
): Promise<T> {
  const closers = new CloseStack(scheduler)
  try {
    return await open(closers)
  } catch (error) {
    // The first failure is the one worth telling; what fails to close after it is its echo.
    await closers.close().catch(() => undefined)
    throw error
  }
}

async function run(close: Closer): Promise<void> {
  await close()
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
