import type { CloseStack, Logger, Scheduler } from '@parley/service-kit'
import type { CommitQueue } from '../store/commit-queue.ts'

/** How often old answers and logins are forgotten. */
const everyMs = 60_000

/** Forgets, now and then, what is kept for a bounded time only. */
export function startUpkeep(
  {
    scheduler,
    log,
    commits,
  }: { readonly scheduler: Scheduler; readonly log: Logger; readonly commits: CommitQueue },
  closers: CloseStack,
): void {
  const forget = async () => {
    try {
      await commits.run({ name: 'forgetRequests', input: null })
    } catch (err) {
      log.warn({ err }, 'upkeep waits for the store')
    }
  }
  const timer = scheduler.every(everyMs, () => void forget())
  closers.push('upkeep', () => timer.cancel())
}
