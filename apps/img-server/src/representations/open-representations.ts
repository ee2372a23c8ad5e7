import { DiskBlobStore } from '@parley/blob-store'
import type { CloseStack, Logger, Scheduler } from '@parley/service-kit'
import type { UploadStore } from '@parley/uploads'
import { imageLimits, representationLimits } from '../domain/image-limits.ts'
import type { ImageEvents } from '../events.ts'
import type { WorkerPool } from '../pool/worker-pool.ts'
import { Representations } from './representations.ts'

/** How often what was made of images that are gone is forgotten. */
export const sweepEveryMs = 5 * 60_000

/** What opening needs. */
export interface RepresentationOpening {
  /** An empty folder on the filesystem of `workFolder`. */
  readonly folder: string
  readonly workFolder: string
  readonly pool: WorkerPool
  readonly store: UploadStore
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly events: ImageEvents
  readonly closers: CloseStack
}

/** Other types of variants, swept from time to time until the closers run. */
export async function openRepresentations(on: RepresentationOpening): Promise<Representations> {
  const { folder, workFolder, pool, store, scheduler, log, events, closers } = on
  const cache = await DiskBlobStore.open(folder)
  const limits = { ...imageLimits, ...representationLimits }
  const parts = { pool, cache, workFolder, limits, scheduler, events }
  const representations = new Representations(parts)
  let isSweeping = false
  const sweep = async () => {
    // Neighbours' images are asked about in the bucket, which may be slow.
    if (isSweeping) return
    isSweeping = true
    try {
      await representations.sweep(async (id) => (await store.shelf.find(id)) !== undefined)
    } catch (err) {
      log.warn({ err }, 'representations could not be swept')
    } finally {
      isSweeping = false
    }
  }
  const sweeping = scheduler.every(sweepEveryMs, () => void sweep())
  closers.push('sweep of representations', () => sweeping.cancel())
  return representations
}
