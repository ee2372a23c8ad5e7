import type { Signer, Verifier } from '@parley/auth'
import type { Health, Logger, Scheduler } from '@parley/service-kit'
import type { Possessions, UploadLimits, UploadStore } from '@parley/uploads'

/** What a handler may use. */
export interface FileServerContext {
  readonly store: UploadStore
  /** Proofs that a user has what is stored already. */
  readonly possessions: Possessions
  readonly limits: UploadLimits
  /** Signs receipts. */
  readonly signer: Signer
  /** Checks what the relay has signed: access tokens and tickets. */
  readonly verifier: Verifier
  readonly health: Health
  readonly scheduler: Scheduler
  readonly log: Logger
}
