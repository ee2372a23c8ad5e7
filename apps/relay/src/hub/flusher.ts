import type { Scheduler } from '@parley/service-kit'

/** What can be flushed: a session. */
export interface Flushed {
  flush(): void
}

/** Flushes sessions once per turn of the event loop, however much they were told in it. */
export class Flusher {
  readonly #scheduler: Scheduler
  #sessions: Flushed[] = []

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Flushes the session at the end of this turn. A session asks once until it was flushed. */
  add(session: Flushed): void {
    this.#sessions.push(session)
    if (this.#sessions.length === 1) this.#scheduler.soon(() => this.#flush())
  }

  #flush(): void {
    const sessions = this.#sessions
    this.#sessions = []
    for (const session of sessions) session.flush()
  }
}
