import type { CloseStack, Logger, Scheduler } from '@parley/service-kit'
import type { Lease } from '../chores/lease.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'

/** How often dissolved groups are looked for. */
const everyMs = 5_000
/** Groups taken at a time, and how often each is asked to let go of some more. */
const groupsAtOnce = 10
const maxHelpings = 20
/** Between two helpings, in which what others send is stored alone. */
const restMs = 50

/** What freeing needs. */
export interface FreeGroupsParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly journal: Pick<Journal, 'ask'>
  readonly commits: CommitQueue
  /** Done while it is held. */
  readonly lease: Lease
}

/** Lets go, soon after a group was dissolved, of the files and images that its entries hold. */
export function startFreeingGroups(parts: FreeGroupsParts, closers: CloseStack): void {
  const { scheduler, log, lease } = parts
  let isBusy = false
  let isOver = false
  const mayGoOn = () => !isOver && lease.isHeld
  const round = async () => {
    if (isBusy || !mayGoOn()) return
    isBusy = true
    try {
      await freeAll(parts, mayGoOn)
    } catch (err) {
      log.warn({ err }, 'dissolved groups wait for the store')
    }
    isBusy = false
  }
  const timer = scheduler.every(everyMs, () => void round())
  closers.push('freeing of groups', () => {
    isOver = true
    timer.cancel()
  })
}

async function freeAll(parts: FreeGroupsParts, mayGoOn: () => boolean): Promise<void> {
  const { journal } = parts
  for (const conversation of await journal.ask('dissolvedGroups', { limit: groupsAtOnce })) {
    await freeSome(parts, conversation, mayGoOn)
  }
}

async function freeSome(
  { commits, scheduler }: FreeGroupsParts,
  conversation: number,
  mayGoOn: () => boolean,
): Promise<void> {
  for (let count = 0; count < maxHelpings && mayGoOn(); count += 1) {
    const outcome = await commits.run({ name: 'freeDissolved', input: { conversation } })
    if (!outcome.ok || outcome.answer.isAll) return
    await new Promise<void>((resolve) => scheduler.setTimer(restMs, resolve))
  }
}
