import { link, mkdir, mkdtemp, open, rm } from 'node:fs/promises'
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
      const finished = await inFolder(on.workFolder, (folder) =>
        finish(on, upload, format, folder, blobs),
      )
      on.events.imageMade(upload.fileId, format)
      return finished
    } catch (error) {
      if (error instanceof AppError) on.events.imageRefused(upload.id, error.reason)
      throw error
    }
  }
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

async function inFolder<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(parent, 'image-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function finish(
  on: ImageFinishing,
  upload: CompleteUpload,
  format: ImageFormat,
  folder: string,
  blobs: BlobIntake,
): Promise<FinishedFile> {
  const made = join(folder, 'made')
  await mkdir(made, { mode: 0o700 })
  const input = join(folder, 'input')
  await link(upload.path, input)
  const done = await reencoded(on, { input, folder: made, format })
  const variants = []
  for (const name of variantNames) {
    variants.push(await storeVariant(blobs, join(made, name), name, done.variants[name].type))
  }
  const { width: widthPx, height: heightPx } = done.variants.full
  return { facts: { widthPx, heightPx, thumbhash: done.thumbhash }, variants }
}

interface Reencoding {
  readonly input: string
  readonly folder: string
  readonly format: ImageFormat
}

async function reencoded(on: ImageFinishing, job: Reencoding): Promise<WorkerDone> {
  const { maxPixels, maxFrames } = on.limits
  const answer = await on.pool.run({ ...job, maxPixels, maxFrames })
  switch (answer.kind) {
    case 'done':
      return answer
    case 'refused':
      throw new AppError('unprocessable', answer.reason, `not a usable image: ${answer.message}`)
    case 'failed':
      // As node:fs would have thrown it here: whoever stores uploads knows a full disk by its code.
      throw Object.assign(new Error(`a worker could not write: ${answer.code}`), {
        code: answer.code,
      })
  }
}
