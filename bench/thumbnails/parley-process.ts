/** The worker pool of the image server, as the server runs it, in a process of its own. */
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { systemScheduler } from '@parley/service-kit'
import { imageLimits } from '../../apps/img-server/src/domain/image-limits.ts'
import { workerOptions } from '../../apps/img-server/src/pool/worker-options.ts'
import { WorkerPool } from '../../apps/img-server/src/pool/worker-pool.ts'
import { serveBatches } from './serve-batches.ts'
import { resultName } from './subject.ts'
import type { Batch } from './subject.ts'

const pool = new WorkerPool(workerOptions, systemScheduler, {
  workerEnded(why, error) {
    throw new Error(`void: a worker ended (${why})`, { cause: error })
  },
  workersUnlimited: () => undefined,
})
await serveBatches(async (batch) => {
  for (let index = 0; index < batch.count; index += 1) await makeOne(batch, index)
})
await pool.close()

async function makeOne({ input, format, sides, folder: out }: Batch, index: number) {
  const folder = path.join(out, `made-${index}`)
  await mkdir(folder)
  const wanted = sides.map((side) => {
    return { variant: variantOf(side), type: 'image/jpeg' } as const
  })
  const { maxPixels, maxFrames } = imageLimits
  const job = { input, folder, format, maxPixels, maxFrames, wanted, thumbhash: false }
  const answer = await pool.run(job, 'bench')
  if (answer.kind !== 'done') throw new Error(`void: ${JSON.stringify(answer)}`)
  for (const side of sides) {
    await rename(path.join(folder, variantOf(side)), path.join(out, resultName(index, side)))
  }
  await rm(folder, { recursive: true })
}

function variantOf(side: 256 | 1024) {
  return side === 256 ? 'thumb' : 'preview'
}
