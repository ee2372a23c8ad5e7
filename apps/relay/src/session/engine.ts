import type { Scheduler } from '@parley/service-kit'
import type { Hub } from '../hub/hub.ts'
import type { AckBook } from '../hub/ack-book.ts'
import type { ReadCounts } from '../hub/read-counts.ts'
import type { SendRates } from '../hub/send-rates.ts'
import type { PresenceLink } from '../presence/presence-link.ts'
import type { Receipt } from '@parley/auth'
import type { Identity } from '../security/identity.ts'
import type { AttachmentService } from '../store/tx.ts'
import type { UpgradeBoard } from '../upgrades/upgrade-board.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import type { Events } from '../events.ts'
import type { Peers } from './peers.ts'
import type { Session } from './session.ts'
import type { SessionContext } from './session-context.ts'

/** What the server tells every device at its welcome. */
export interface Greeting {
  readonly filesUrl: string
  readonly imagesUrl: string
  readonly heartbeatMs: number
  /** `host:port`, or empty. */
  readonly rendezvous: string
}

/** Tells who bears an access token; throws `AppError` unauthenticated. */
export interface TokenCheck {
  authenticate(accessToken: string): Promise<Identity>
  /** The same, of a login that lives at this moment, whichever relay would have ended it. */
  authenticateNow(accessToken: string): Promise<Identity>
  /** The login is over: its tokens are refused from this moment. */
  ended(login: Uint8Array): void
}

/** Tells what a file or image server certifies; throws `AppError` unauthenticated. */
export interface ReceiptCheck {
  verify(receipt: string, service: AttachmentService, owner: Uint8Array): Promise<Receipt>
}

/** What the sessions of a relay work with: the engine behind every dialect. */
export interface Engine {
  readonly scheduler: Scheduler
  readonly sessions: SessionContext<Session>
  readonly hub: Hub
  readonly journal: Journal
  readonly commits: CommitQueue
  readonly acks: AckBook
  readonly readCounts: ReadCounts
  readonly rates: SendRates
  readonly presence: PresenceLink
  /** The other relays; undefined for one that has its store to itself. */
  readonly peers: Peers | undefined
  readonly tokens: TokenCheck
  readonly receipts: ReceiptCheck
  readonly events: Events
  readonly greeting: Greeting
  /** Knows later versions of clients; undefined where nobody publishes any. */
  readonly upgrades: UpgradeBoard | undefined
}
