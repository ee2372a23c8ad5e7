import type { Scheduler } from '@parley/service-kit'
import type { Events } from '../events.ts'
import type { Journal } from '../store/journal.ts'
import type { Budget } from './send-queue.ts'

/** What every session of a relay shares. */
export interface SessionContext {
  readonly scheduler: Scheduler
  readonly journal: Journal
  readonly events: Events
  readonly budget: Budget
  newId(): Uint8Array
  /** Flushes the session at the end of this turn of the event loop. */
  flushSoon(session: { flush(): void }): void
}
