import type { CloseStack, Logger, Scheduler, Timer } from '@parley/service-kit'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'

/** How long the indexer rests when there was nothing to do. */
const idleMs = 1_000
/** Of the time that a round has taken, so many times it rests afterwards: at most 5 % of a core. */
const restFactor = 19

/** What indexes. */
export interface SearchIndexerParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly journal: Journal
  readonly commits: CommitQueue
}

/** Signs the blocks of the logs as they fill up, behind everything else. */
export function startSearchIndexer(parts: SearchIndexerParts, closers: CloseStack): void {
  const { scheduler, log } = parts
  let timer: Timer | undefined
  let isOver = false
  const again = (delayMs: number) => {
    if (!isOver) timer = scheduler.setTimer(delayMs, () => void turn())
  }
  const turn = async () => {
    const beganMs = scheduler.monotonic()
    try {
      const isBusy = await indexSome(parts)
      again(isBusy ? (scheduler.monotonic() - beganMs) * restFactor : idleMs)
    } catch (err) {
      log.debug({ err }, 'the search index waits for the store')
      again(idleMs * 5)
    }
  }
  again(idleMs)
  closers.push('search indexer', () => {
    isOver = true
    timer?.cancel()
  })
}

/** One round; true when there may be more to do. */
async function indexSome({ journal, commits }: SearchIndexerParts): Promise<boolean> {
  const after = await journal.ask('searchProgress', null)
  const input = await journal.ask('fullBlocks', { after })
  if (input.upTo === after) return false
  await commits.run({ name: 'indexSearch', input })
  return true
}
