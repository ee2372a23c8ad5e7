import type { Signer, Verifier } from '@parley/auth'
import type { Logger, Scheduler } from '@parley/service-kit'
import type { UploadStore } from '@parley/uploads'
import type { ImageEvents } from './events.ts'
import type { Representations } from './representations/representations.ts'

/** What a handler of the image server may use. */
export interface ImgServerContext {
  readonly store: UploadStore
  /** Variants in other types than the stored one. */
  readonly representations: Pick<Representations, 'open'>
  readonly events: ImageEvents
  /** Signs receipts. */
  readonly signer: Signer
  /** Knows the relay's tokens and tickets. */
  readonly verifier: Verifier
  readonly scheduler: Scheduler
  readonly log: Logger
}
