import type { Signer } from '@parley/auth'
import { Backoff } from '@parley/service-kit'
import type { CloseStack, Logger, Scheduler, Timer } from '@parley/service-kit'
import type { CommitQueue } from '../store/commit-queue.ts'

/** How often a relay says that its key is in use; it counts for a week after. */
const publishEveryMs = 24 * 3600 * 1000

/** What publishing needs. */
export interface PublishKeyParts {
  readonly scheduler: Scheduler
  readonly log: Pick<Logger, 'warn'>
  readonly commits: Pick<CommitQueue, 'run'>
  readonly signer: Signer
}

/** Tells the relays of this database by which key this one signs, now and every day. */
export function publishSigningKey(parts: PublishKeyParts, closers: CloseStack): void {
  const { scheduler, log, commits, signer } = parts
  const { kid, issuer, publicJwk } = signer
  const backoff = new Backoff(scheduler, { baseMs: 250, capMs: 5_000 })
  let timer: Timer | undefined
  let isOver = false
  const turn = async () => {
    let againMs = publishEveryMs
    try {
      await commits.run({ name: 'publishKey', input: { kid, issuer, publicJwk } })
      backoff.reset()
    } catch (err) {
      log.warn({ err }, 'the signing key waits for the store')
      againMs = backoff.next()
    }
    if (!isOver) timer = scheduler.setTimer(againMs, () => void turn())
  }
  void turn()
  closers.push('signing key', () => {
    isOver = true
    timer?.cancel()
  })
}
