import type { CloseStack, Logger, Scheduler } from '@parley/service-kit'
import type { Lease } from '../chores/lease.ts'
import type { CommitQueue } from '../store/commit-queue.ts'

/** How often old answers and logins are forgotten. */
const everyMs = 60_000
/** Rows forgotten at a time at most, and how often in a row. */
const helping = 1_000
const maxRounds = 100

/** What upkeep needs. */
export interface UpkeepParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly commits: CommitQueue
  /** Done while it is held. */
  readonly lease: Lease
}

/** Forgets, now and then, what is kept for a bounded time only. */
export function startUpkeep(
  { scheduler, log, commits, lease }: UpkeepParts,
  closers: CloseStack,
): void {
  let isOver = false
  const forget = async () => {
    try {
      // As long as there is a full helping; what a minute brings is less than a hundred of them.
      for (let round = 0; round < maxRounds && !isOver && lease.isHeld; round += 1) {
        const outcome = await commits.run({ name: 'forgetRequests', input: null })
        if (!outcome.ok || outcome.answer.forgotten < helping) return
      }
    } catch (err) {
      log.warn({ err }, 'upkeep waits for the store')
    }
  }
  const timer = scheduler.every(everyMs, () => void forget())
  closers.push('upkeep', () => {
    isOver = true
    timer.cancel()
  })
}
