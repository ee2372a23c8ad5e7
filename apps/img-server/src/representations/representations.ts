import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BlobStore, OpenBlob } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import type { ImageLimits } from '../domain/image-limits.ts'
import type { MadeType, ServedType, VariantName } from '../domain/variant.ts'
import type { ImageEvents } from '../events.ts'
import type { WorkerPool } from '../pool/worker-pool.ts'
import { storeVariant } from '../store-variant.ts'
import { inWorkPlace } from '../work-folder.ts'
import { Failures } from './failures.ts'
import type { FailureLimits } from './failures.ts'
import { MadeCache } from './made-cache.ts'
import type { CacheLimits, Made } from './made-cache.ts'

const retryAfterMs = 5_000

/** What making other types of variants needs. */
export interface RepresentationParts {
  readonly pool: Pick<WorkerPool, 'run'>
  /** Where what was made lies: a store of its own, that may be lost at any time. */
  readonly cache: BlobStore
  readonly workFolder: string
  readonly limits: ImageLimits & CacheLimits & FailureLimits & { readonly maxMaking: number }
  readonly scheduler: Pick<Scheduler, 'monotonic'>
  readonly events: Pick<ImageEvents, 'representationMade'>
}

/** One variant in another type, made of a stored blob. */
export interface Representation {
  readonly imageId: string
  /** The blob it is made of. */
  readonly source: { readonly digest: string; readonly type: ServedType }
  readonly variant: VariantName
  readonly type: MadeType
}

/** Makes variants in types other than the stored one when somebody asks, and keeps them for a while. */
export class Representations {
  readonly #on: RepresentationParts
  readonly #made: MadeCache
  readonly #failures: Failures
  readonly #making = new Map<string, Promise<Made>>()

  constructor(parts: RepresentationParts) {
    this.#on = parts
    this.#made = new MadeCache(parts.limits)
    this.#failures = new Failures(parts.limits, parts.scheduler)
  }

  /**
   * The bytes and their digest; `blobs` has the source, `user` is whose turn making it takes. What
   * failed a while ago for what the image is fails again, with the very same error.
   */
  async open(
    wanted: Representation,
    blobs: Pick<BlobStore, 'open'>,
    user: string,
  ): Promise<{ readonly blob: OpenBlob; readonly digest: string }> {
    const key = keyOf(wanted)
    const known = this.#made.use(key)
    const found = known && (await this.#on.cache.open(known.digest))
    if (known && found) return { blob: found, digest: known.digest }
    const { digest } = await this.#make(key, wanted, blobs, user)
    const blob = await this.#on.cache.open(digest)
    if (blob) return { blob, digest }
    throw tooMany()
  }

  /** Forgets what was made of images that are gone. */
  async sweep(isThere: (imageId: string) => Promise<boolean>): Promise<void> {
    for (const key of this.#made.keys) {
      if (await isThere(imageOf(key))) continue
      await this.#delete(this.#made.remove(key))
    }
  }

  // Whoever asks for the same meanwhile waits for the same.
  #make(
    key: string,
    wanted: Representation,
    blobs: Pick<BlobStore, 'open'>,
    user: string,
  ): Promise<Made> {
    const running = this.#making.get(key)
    if (running) return running
    const failure = this.#failures.find(key)
    if (failure) return Promise.reject(failure)
    if (this.#making.size >= this.#on.limits.maxMaking) return Promise.reject(tooMany())
    const making = this.#makeNow(wanted, blobs, user)
      .then((made) => this.#keep(key, made))
      .catch((error: unknown) => {
        this.#failures.add(key, error)
        throw isFullDisk(error) ? noRoom('ENOSPC', error) : error
      })
      .finally(() => this.#making.delete(key))
    this.#making.set(key, making)
    return making
  }

  async #makeNow(
    { source, variant, type }: Representation,
    blobs: Pick<BlobStore, 'open'>,
    user: string,
  ): Promise<Made> {
    const { pool, workFolder, limits, cache, events } = this.#on
    return await inWorkPlace(workFolder, async ({ input, made: folder }) => {
      const { maxPixels, maxFrames } = limits
      const format = formatOf(source.type)
      const wanted = [{ variant, type }]
      const job = { input, folder, format, maxPixels, maxFrames, wanted, thumbhash: false }
      const answer = await pool.run(job, user, () => copyBlob(blobs, source.digest, input))
      if (answer.kind === 'refused') throw notConverted(source.digest, answer.message)
      if (answer.kind === 'failed') throw noRoom(answer.code)
      events.representationMade(source.digest, variant, type)
      return await storeVariant(cache, join(folder, variant), variant, type)
    })
  }

  async #keep(key: string, made: Made): Promise<Made> {
    await this.#delete(this.#made.add(key, made))
    return made
  }

  async #delete(digests: readonly string[]): Promise<void> {
    for (const digest of digests) await this.#on.cache.delete(digest)
  }
}

function tooMany(): AppError {
  const words = 'too many images are waiting to be processed'
  return new AppError('unavailable', 'IMAGE_QUEUE_FULL', words, { retryAfterMs })
}

function noRoom(code: string, cause?: unknown): AppError {
  const words = `images cannot be processed right now: ${code}`
  return new AppError('unavailable', 'IMAGE_WORKERS_AWAY', words, { retryAfterMs, cause })
}

function notConverted(digest: string, words: string): AppError {
  return new AppError('corrupt', 'IMAGE_BROKEN', `blob ${digest} cannot be converted: ${words}`)
}

function isFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC'
}

function keyOf({ imageId, variant, type }: Representation): string {
  return `${imageId} ${variant} ${type}`
}

function imageOf(key: string): string {
  return key.slice(0, key.indexOf(' '))
}

function formatOf(type: ServedType): 'jpeg' | 'png' | 'webp' {
  if (type === 'image/jpeg') return 'jpeg'
  return type === 'image/png' ? 'png' : 'webp'
}

async function copyBlob(
  blobs: Pick<BlobStore, 'open'>,
  digest: string,
  path: string,
): Promise<void> {
  const blob = await blobs.open(digest)
  if (!blob) throw new AppError('corrupt', 'BLOB_MISSING', `blob ${digest} is lost`)
  try {
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
    await pipeline(blob.stream(0, blob.sizeBytes), file)
  } finally {
    await blob.close()
  }
}
