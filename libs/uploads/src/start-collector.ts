import type { Logger, Scheduler } from '@parley/service-kit'
import type { Collection } from './collection.ts'

/** When collection runs, and on whose leave. */
export interface CollectorOptions {
  readonly collection: Collection
  readonly everyMs: number
  /** Rejects while whoever holds files cannot be asked: then no file is collected. */
  readonly askHolders: () => Promise<unknown>
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

async function runOnce({ collection, askHolders, log }: CollectorOptions): Promise<void> {
  const holdersAnswer = await askHolders().then(
    () => true,
    () => false,
  )
  try {
    const collected = await collection.run(holdersAnswer)
    if (collected.uploads + collected.files + collected.blobs > 0) log.info(collected, 'collected')
  } catch (error) {
    log.error({ err: error }, 'collection failed')
  }
}
