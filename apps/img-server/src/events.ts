import type { Logger, Metrics } from '@parley/service-kit'
import type { ImageFormat } from './domain/image-format.ts'
import type { PoolEvents } from './pool/worker-pool.ts'

/** The facts of this service that are counted or logged; one call per fact. */
export interface ImageEvents extends PoolEvents {
  imageMade(imageId: string, format: ImageFormat): void
  imageRefused(uploadId: string, reason: string): void
  representationMade(digest: string, variant: string, type: string): void
  /** The stored type was served instead of the one that the reader likes better. */
  representationAway(imageId: string, err: unknown): void
}

/** Counts facts in `metrics` and logs those that somebody should read. */
export function imageEvents(log: Logger, metrics: Metrics): ImageEvents {
  const made = metrics.counter('images_made')
  const refused = metrics.counter('images_refused')
  const converted = metrics.counter('representations_made')
  const away = metrics.counter('representations_away')
  // A failure that is remembered is told by every reader, and read here once.
  const logged = new WeakSet<object>()
  const ended = metrics.counter('workers_ended')
  return {
    imageMade(imageId, format) {
      made.add()
      log.debug({ imageId, format }, 'image made')
    },
    imageRefused(uploadId, reason) {
      refused.add()
      log.debug({ uploadId, reason }, 'image refused')
    },
    representationMade(digest, variant, type) {
      converted.add()
      log.debug({ digest, variant, type }, 'representation made')
    },
    representationAway(imageId, err) {
      away.add()
      if (typeof err === 'object' && err !== null) {
        if (logged.has(err)) return
        logged.add(err)
      }
      log.warn({ imageId, err }, 'representation could not be made')
    },
    workerEnded(why, err) {
      ended.add()
      log.warn({ why, err }, 'image worker ended before it answered')
    },
    workersUnlimited() {
      log.warn({}, 'no prlimit here: image workers are not bounded by the kernel')
    },
  }
}
