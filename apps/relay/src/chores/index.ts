import type { CloseStack } from '@parley/service-kit'
import { startHoldDelivery } from '../holds/hold-delivery.ts'
import { startSearchIndex } from '../search/search-index.ts'
import { startFreeingGroups } from '../upkeep/free-groups.ts'
import { startUpkeep } from '../upkeep/upkeep.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import { holdLease } from './lease.ts'
import { publishSigningKey } from './publish-key.ts'
import type { PublishKeyParts } from './publish-key.ts'
import type { Logger } from '@parley/service-kit'

/** What the work beside the sessions needs. */
export interface ChoresParts extends PublishKeyParts {
  readonly log: Logger
  readonly journal: Journal
  readonly commits: CommitQueue
  /** Names this run of the relay. */
  readonly holder: string
  readonly serviceKey: string
  readonly filesInternal: readonly string[]
  readonly imagesInternal: readonly string[]
  /** Of a database that several relays write to. */
  readonly mysqlUrl: string | undefined
}

/** No transaction lasts so long: a statement is waited for 6 s, and the server ends idle ones after 4 s. */
const settlesAfterMs = 15_000

/** Starts what one of the relays of a database does for all: delivery of holds, upkeep, the search index. */
export function startChores(parts: ChoresParts, closers: CloseStack): void {
  publishSigningKey(parts, closers)
  const lease = holdLease({ ...parts, name: 'chores' }, closers)
  const shared = { ...parts, lease }
  startHoldDelivery({ ...shared, service: 1, addresses: parts.filesInternal }, closers)
  startHoldDelivery({ ...shared, service: 2, addresses: parts.imagesInternal }, closers)
  startUpkeep(shared, closers)
  startFreeingGroups(shared, closers)
  const settling = parts.mysqlUrl === undefined ? 0 : settlesAfterMs
  startSearchIndex({ ...shared, settlesAfterMs: settling }, closers)
}
