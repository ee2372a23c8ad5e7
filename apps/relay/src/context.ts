import type { Logger } from 'pino'
import type { Signer } from '@parley/auth'
import type { Scheduler } from '@parley/service-kit'
import type { RelayConfig } from './config.ts'
import type { Gate } from './domain/gate.ts'
import type { Events } from './events.ts'
import type { Hub } from './hub/hub.ts'
import type { PresenceLink } from './presence/presence-link.ts'
import type { Security } from './security/index.ts'
import type { CommitQueue } from './store/commit-queue.ts'
import type { Journal } from './store/journal.ts'

/** What a handler may use. */
export interface Context {
  readonly config: RelayConfig
  readonly log: Logger
  readonly scheduler: Scheduler
  readonly events: Events
  /** Reads. */
  readonly journal: Journal
  /** Writes, in group commits. */
  readonly commits: CommitQueue
  readonly hub: Hub
  readonly presence: PresenceLink
  readonly signer: Signer
  /** Passwords, rates, receipts of other services. */
  readonly security: Security
  /** Before searches: they share the thread that reads. */
  readonly searches: Gate
}
