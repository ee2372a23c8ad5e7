import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import { maxSidePixels } from '../domain/variant.ts'
import type { ServedType, VariantName } from '../domain/variant.ts'
import { codingsOf } from './codings.ts'
import { decoded } from './pixels.ts'
import type { WantedPicture, WorkerDone, WorkerJob, WrittenPicture } from './protocol.ts'
import { openSource } from './source.ts'
import type { Source } from './source.ts'

const thumbhashSidePixels = 100

/**
 * Writes every wanted picture of one image into the job's folder. Nothing but pixels passes: sharp
 * drops all metadata unless asked to keep it, and nothing here asks.
 */
export async function reencode(job: WorkerJob): Promise<WorkerDone> {
  const source = await openSource(job)
  const written: WrittenPicture[] = []
  // Largest first: the pixels of one are all that the next smaller needs.
  let rung = () => source.open('still')
  for (const wanted of largestFirst(job.wanted)) {
    const still = isStill(wanted, source)
    let open = () => shrunk(still ? rung() : source.open(), wanted)
    if (still && wanted.variant !== 'full' && isNeededAgain(wanted, job, source)) {
      open = (await decoded(open())).open
      rung = open
    }
    written.push(await write(job, wanted, source, open))
  }
  const done = { kind: 'done', id: job.id, written, frames: source.frames } as const
  return job.thumbhash ? { ...done, thumbhash: await thumbhashOf(rung()) } : done
}

// By a smaller one, by the thumbhash, or by a second way to encode it.
function isNeededAgain(wanted: WantedPicture, job: WorkerJob, source: Source): boolean {
  const isSmallest = wanted === largestFirst(job.wanted).at(-1)
  return !isSmallest || job.thumbhash || codingsOf(wanted, source).length > 1
}

function largestFirst(wanted: readonly WantedPicture[]): readonly WantedPicture[] {
  return wanted.toSorted((one, other) => maxSidePixels[other.variant] - maxSidePixels[one.variant])
}

// Thumbs stand still, and JPEG cannot move.
function isStill({ variant, type }: WantedPicture, source: Source): boolean {
  return source.frames === 1 || variant === 'thumb' || type === 'image/jpeg'
}

function shrunk(pipeline: Sharp, { variant }: { variant: VariantName }): Sharp {
  const side = maxSidePixels[variant]
  return pipeline.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
}

// Encoded first, written after: then a full disk cannot be mistaken for a broken image.
async function write(
  job: WorkerJob,
  wanted: WantedPicture,
  source: Source,
  open: () => Sharp,
): Promise<WrittenPicture> {
  const { variant } = wanted
  const encoded = []
  for (const coding of codingsOf(wanted, source)) {
    encoded.push(await coding(open()).toBuffer({ resolveWithObject: true }))
  }
  const best = encoded.reduce((one, other) => (other.data.length < one.data.length ? other : one))
  await writeFile(join(job.folder, variant), best.data, { flag: 'wx', mode: 0o600 })
  const { format, width, pageHeight, height } = best.info
  return { variant, type: typeOf(format), width, height: pageHeight ?? height }
}

function typeOf(format: string): ServedType {
  if (format === 'jpeg' || format === 'png' || format === 'webp') return `image/${format}`
  throw new Error(`sharp wrote ${format}, which we do not serve`)
}

async function thumbhashOf(pixels: Sharp): Promise<string> {
  const side = thumbhashSidePixels
  const tiny = pixels.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
  const { data, info } = await tiny.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64url')
}
