import type { Logger, Scheduler } from '@parley/service-kit'
import type { Collection } from './collection.ts'

/** When collection runs. */
export interface CollectorOptions {
  readonly collection: Collection
  readonly everyMs: number
  readonly scheduler: Scheduler
  readonly log: Logger
}

/** Runs collection now and then, one run at a time; `stop` resolves when none is under way. */
export function startCollector(options: CollectorOptions) {
  let running: Promise<void> | undefined
  const timer = options.scheduler.every(options.everyMs, () => {
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

async function runOnce({ collection, log }: CollectorOptions): Promise<void> {
  try {
    const collected = await collection.run()
    if (collected.uploads + collected.files + collected.blobs > 0) log.info(collected, 'collected')
  } catch (error) {
    log.error({ err: error }, 'collection failed')
  }
}
