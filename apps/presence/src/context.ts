import type { Logger, Scheduler } from '@parley/service-kit'
import type { Leases } from './domain/leases.ts'
import type { Revisions } from './domain/revisions.ts'
import type { Users } from './domain/users.ts'
import type { Events } from './events.ts'
import type { Streams } from './streams.ts'

/** What the handlers and the ticker work with. */
export interface PresenceContext {
  readonly log: Logger
  readonly scheduler: Scheduler
  readonly users: Users
  readonly leases: Leases
  readonly revisions: Revisions
  readonly streams: Streams
  readonly events: Events
  /** This start of this process, 16 bytes. */
  readonly instanceId: Buffer
  /** Monotonic clock of the start. */
  readonly startedAtMs: number
}
