import type { Scheduler } from '@parley/service-kit'
import type { Collection } from '@parley/uploads'
import type { ImageEvents } from './events.ts'

/** What collection goes by. */
export interface CollectingParts {
  readonly collection: Pick<Collection, 'run'>
  /** True when the relay, who says what is held, can be asked now. */
  readonly relayAnswers: () => Promise<boolean>
  readonly events: Pick<ImageEvents, 'collected' | 'collectionFailed'>
  readonly scheduler: Scheduler
}

/** Ten minutes: a run takes a bounded number away, so this is also the pace of collection. */
export const collectEveryMs = 10 * 60_000

/** Collects again and again, one run at a time; `stop` waits for the run at hand. */
export function collectRegularly(on: CollectingParts): { stop(): Promise<void> } {
  let running: Promise<void> | undefined
  const timer = on.scheduler.every(collectEveryMs, () => {
    running ??= run(on).finally(() => {
      running = undefined
    })
  })
  return {
    async stop() {
      timer.cancel()
      await running
    },
  }
}

async function run(on: CollectingParts): Promise<void> {
  try {
    on.events.collected(await on.collection.run(await on.relayAnswers()))
  } catch (error) {
    on.events.collectionFailed(error)
  }
}
