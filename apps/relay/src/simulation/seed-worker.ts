import { parentPort } from 'node:worker_threads'
import { runSeed } from './run-seed.ts'
import type { SeedOptions } from './run-seed.ts'

/** A thread that runs one seed after the other, as it is told. */
export interface SeedTask {
  readonly seed: number
  readonly options: SeedOptions
}

parentPort?.on('message', ({ seed, options }: SeedTask) => {
  runSeed(seed, options).then(
    (result) => parentPort?.postMessage(result),
    // A world that cannot be run to its end is a failure of the thread.
    (error: unknown) => {
      throw error
    },
  )
})
