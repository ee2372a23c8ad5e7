import type { Logger, Scheduler } from '@parley/service-kit'
import type { Collection } from './collection.ts'

/** How long no relay may say that no hold waits before operators are told. */
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
      if (isWarned) log.info('a relay says again that no hold waits')
      isWarned = false
    } else if (!isWarned && scheduler.monotonic() - sinceMs >= deafAfterMs) {
      isWarned = true
      log.warn(
        'no relay has said for 10 minutes that no hold waits, so files that nobody needs stay',
      )
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
