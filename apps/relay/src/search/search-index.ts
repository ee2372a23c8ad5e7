import { Backoff } from '@parley/service-kit'
import type { CloseStack, Logger, Scheduler, Timer } from '@parley/service-kit'
import type { Lease } from '../chores/lease.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import { roundMessages } from '../store/queries/search/full-blocks.ts'
import { SettledMessages } from './settled-messages.ts'

/** How long the index rests when it is level with the log. */
export const levelMs = 2_000
/** After a round it rests so many times as long as the round has worked: at most 5 % of a core, */
const busyRests = 19
/** and at most half of one while nothing is being written. */
const quietRests = 1
const minRestMs = 5

/** What the index is kept with. */
export interface SearchIndexParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly journal: Journal
  readonly commits: Pick<CommitQueue, 'run' | 'depth'>
  /** Kept while it is held. */
  readonly lease: Lease
  /** A message that was seen so long ago has none before it that is still to appear. */
  readonly settlesAfterMs: number
}

/** Where the index is. */
interface Place {
  /** All messages up to this one were looked at; undefined when only the journal knows. */
  readonly after: number | undefined
  /** What the journal remembers of that. */
  readonly remembered: number
  /** The last message there was. */
  readonly newest: number
}

const unknown: Place = { after: undefined, remembered: 0, newest: 0 }

/** Keeps the search index a little behind the log, round by round. */
export function startSearchIndex(parts: SearchIndexParts, closers: CloseStack): void {
  const { scheduler, log, lease } = parts
  const backoff = new Backoff(scheduler, { baseMs: 1_000, capMs: 60_000 })
  const settled = new SettledMessages(parts.settlesAfterMs)
  let place = unknown
  let timer: Timer | undefined
  let isOver = false
  const again = (delayMs: number) => {
    if (!isOver) timer = scheduler.setTimer(delayMs, () => void turn())
  }
  const turn = async () => {
    if (!lease.isHeld) {
      // Another goes on from where this one was.
      place = unknown
      return again(levelMs)
    }
    try {
      const { next, restMs } = await round(parts, settled, place)
      place = next
      backoff.reset()
      again(restMs)
    } catch (err) {
      if (isOver) return
      log.warn({ err }, 'search index waits for the store')
      again(backoff.next())
    }
  }
  again(levelMs)
  closers.push('search index', () => {
    isOver = true
    timer?.cancel()
  })
}

/** One round: signatures are made by the thread that reads, and stored like any command. */
async function round(
  { scheduler, journal, commits }: SearchIndexParts,
  settled: SettledMessages,
  place: Place,
): Promise<{ next: Place; restMs: number }> {
  const last = settled.upTo(scheduler.monotonic())
  const looked = await journal.ask('fullBlocks', { after: place.after, last })
  const { blocks, upTo, newest, workedMs } = looked
  settled.note(newest, scheduler.monotonic())
  const isQuiet = commits.depth === 0 && newest === place.newest
  // Looking again at messages that fill no block is cheap: not every round is worth a write.
  const isDue = blocks.length > 0 || upTo - place.remembered >= roundMessages
  if (isDue) await commits.run({ name: 'indexSearch', input: { upTo, blocks } })
  const next = { after: upTo, remembered: isDue ? upTo : place.remembered, newest }
  const rests = isQuiet ? quietRests : busyRests
  const isLevel = upTo >= Math.min(newest, last ?? newest)
  return { next, restMs: isLevel ? levelMs : Math.max(minRestMs, workedMs * rests) }
}
