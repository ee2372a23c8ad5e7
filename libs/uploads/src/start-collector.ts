import type { Logger, Scheduler } from '@parley/service-kit'
import type { Collection } from './collection.ts'

/** How long a server may be told nothing of holds before operators are. */
export const deafAfterMs = 10 * 60_000

/** When collection runs. */
export interface CollectorOptions {
  readonly collection: Collection
  readonly everyMs: number
  readonly scheduler: Scheduler
  readonly log: Logger
}

/** Runs collection now and then, one run at a time; `stop` resolves when none is under way. */
export function startCollector(options: CollectorOptions) {
  const listen = warningOfSilence(options)
  let running: Promise<void> | undefined
  const timer = options.scheduler.every(options.everyMs, () => {
    listen()
    running ??= runOnce(options).finally(() => {
      running = undefined
    })
  })
  return {
    stop: async () => {
      timer.cancel()
      await running
    },
  }
}

// A relay that does not know this server does not miss it: here alone it is seen that disks fill up.
function warningOfSilence({ collection, scheduler, log }: CollectorOptions): () => void {
  let heardMs = collection.allHeardMs
  let sinceMs = scheduler.monotonic()
  let isWarned = false
  return () => {
    if (collection.allHeardMs !== heardMs) {
      heardMs = collection.allHeardMs
      sinceMs = scheduler.monotonic()
      if (isWarned) log.info('a relay tells again what is held')
      isWarned = false
    } else if (!isWarned && scheduler.monotonic() - sinceMs >= deafAfterMs) {
      isWarned = true
      log.warn('no relay tells this server what is held, so files that nobody needs stay')
    }
  }
}

async function runOnce({ collection, log }: CollectorOptions): Promise<void> {
  try {
    const collected = await collection.run()
    if (collected.uploads + collected.files + collected.blobs > 0) log.info(collected, 'collected')
  } catch (error) {
    log.error({ err: error }, 'collection failed')
  }
}
