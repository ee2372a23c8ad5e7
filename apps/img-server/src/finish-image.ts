import { link, open } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@parley/errors'
import type { BlobIntake, CompleteUpload, Finish, FinishedFile } from '@parley/uploads'
import { acceptedFormatsText, sniffFormat, sniffedBytes } from './domain/image-format.ts'
import type { ImageFormat } from './domain/image-format.ts'
import type { ImageLimits } from './domain/image-limits.ts'
import { variantNames } from './domain/variant.ts'
import type { ImageEvents } from './events.ts'
import type { WorkerPool } from './pool/worker-pool.ts'
import { storeVariant } from './store-variant.ts'
import { inWorkPlace } from './work-folder.ts'
import type { WorkPlace } from './work-folder.ts'
import type { WorkerDone } from './worker/protocol.ts'

/** What turns uploads into images. */
export interface ImageFinishing {
  readonly pool: Pick<WorkerPool, 'run'>
  /** A private folder on the blobs' filesystem, for images being worked on. */
  readonly workFolder: string
  readonly limits: ImageLimits
  readonly events: ImageEvents
}

/** Makes an image of each complete upload: re-encoded in a worker, every variant a blob of its own. */
export function imageFinisher(on: ImageFinishing): Finish {
  return async (upload, blobs) => {
    try {
      const format = await acceptedFormat(upload)
      const finished = await inWorkPlace(on.workFolder, (place) =>
        finish(on, upload, format, place, blobs),
      )
      on.events.imageMade(upload.fileId, format)
      return finished
    } catch (error) {
      if (isRefusal(error)) on.events.imageRefused(upload.id, error.reason)
      throw error
    }
  }
}

// One that only finds no worker for now is made later.
function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && error.kind !== 'unavailable'
}

async function acceptedFormat(upload: CompleteUpload): Promise<ImageFormat> {
  if (upload.sizeBytes === 0) throw new AppError('unprocessable', 'IMAGE_EMPTY', 'it has no bytes')
  const sniffed = sniffFormat(await firstBytes(upload.path))
  if (sniffed.accepted) return sniffed.format
  const seen = sniffed.name === 'unknown' ? 'this is none of them' : `this is ${sniffed.name}`
  const words = `accepted are ${acceptedFormatsText}; ${seen}`
  throw new AppError('unsupported', 'IMAGE_FORMAT_UNSUPPORTED', words)
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(sniffedBytes)
    const { bytesRead } = await file.read(head, 0, sniffedBytes, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function finish(
  on: ImageFinishing,
  upload: CompleteUpload,
  format: ImageFormat,
  place: WorkPlace,
  blobs: BlobIntake,
): Promise<FinishedFile> {
  await link(upload.path, place.input)
  const { written, thumbhash } = await reencoded(on, upload.owner, format, place)
  const variants = []
  for (const { variant, type } of written) {
    variants.push(await storeVariant(blobs, join(place.made, variant), variant, type))
  }
  const full = written.find(({ variant }) => variant === 'full')
  return { facts: { widthPx: full?.width, heightPx: full?.height, thumbhash }, variants }
}

const wanted = variantNames.map((variant) => ({ variant, type: 'best' }) as const)

async function reencoded(
  on: ImageFinishing,
  owner: string,
  format: ImageFormat,
  { input, made: folder }: WorkPlace,
): Promise<WorkerDone> {
  const { maxPixels, maxFrames } = on.limits
  const job = { input, folder, format, maxPixels, maxFrames, wanted, thumbhash: true }
  const answer = await on.pool.run(job, owner)
  switch (answer.kind) {
    case 'done':
      return assertComplete(answer)
    case 'refused':
      throw new AppError('unprocessable', answer.reason, `not a usable image: ${answer.message}`)
    case 'failed':
      // As node:fs would have thrown it here: whoever stores uploads knows a full disk by its code.
      throw Object.assign(new Error(`a worker could not write: ${answer.code}`), {
        code: answer.code,
      })
  }
}

// A worker that an image has taken over could say that it made anything.
function assertComplete(done: WorkerDone): WorkerDone {
  const names = new Set(done.written.map(({ variant }) => variant))
  const isComplete = names.size === variantNames.length && done.written.length === names.size
  if (isComplete && done.thumbhash !== undefined) return done
  throw new AppError('unprocessable', 'IMAGE_BROKEN', 'it was not re-encoded as expected')
}
