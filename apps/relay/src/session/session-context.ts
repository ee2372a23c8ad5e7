import type { Scheduler } from '@parley/service-kit'
import type { Events } from '../events.ts'
import type { Journal } from '../store/journal.ts'
import type { Place } from '../domain/place.ts'
import type { Budget } from './send-queue.ts'

/** What every session of a relay shares. */
export interface SessionContext<Session> {
  readonly scheduler: Scheduler
  readonly journal: Journal
  readonly events: Events
  readonly budget: Budget
  newId(): Uint8Array
  /**
   * Makes sure that the stays of a place are complete up to its head; undefined when they always are,
   * because all that writes to the store is here.
   */
  readonly vouch: ((session: Session) => (place: Place) => Promise<void>) | undefined
  /** Flushes the session at the end of this turn of the event loop. */
  flushSoon(session: { flush(): void }): void
}
