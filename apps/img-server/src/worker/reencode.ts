import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import { maxSidePixels } from '../domain/variant.ts'
import type { ServedType, VariantName } from '../domain/variant.ts'
import type { WorkerDone, WorkerJob, WrittenVariant } from './protocol.ts'
import { openSource } from './source.ts'
import type { Source } from './source.ts'

const thumbhashSidePixels = 100

/**
 * Writes every variant of one image into the job's folder. Nothing but pixels passes: sharp drops
 * all metadata unless asked to keep it, and nothing here asks.
 */
export async function reencode(job: WorkerJob): Promise<WorkerDone> {
  const source = await openSource(job)
  const preview = await write(job, 'preview', shrunk(source.open(), 'preview').webp(previewCoding))
  const small = await smallPixels(source)
  const thumb = await write(job, 'thumb', small.open().webp(thumbCoding))
  const full = await writeFull(job, source)
  const thumbhash = await thumbhashOf(small.open())
  const variants = { thumb, preview, full }
  return { kind: 'done', id: job.id, variants, thumbhash, frames: source.frames }
}

// Effort 2 of 6: half the time of the default for a few percent of the bytes.
const previewCoding = { quality: 80, effort: 2 }
const thumbCoding = { quality: 75, effort: 2 }
const fullCoding = { quality: 85, effort: 1 }

function shrunk(pipeline: Sharp, name: VariantName): Sharp {
  const side = maxSidePixels[name]
  return pipeline.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
}

// The thumb's pixels serve twice, as thumb and as source of the thumbhash.
async function smallPixels(source: Source): Promise<{ open(): Sharp }> {
  const pixels = shrunk(source.open('still'), 'thumb').raw()
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  return { open: () => sharp(data, { raw }) }
}

async function writeFull(job: WorkerJob, source: Source): Promise<WrittenVariant> {
  const pipeline = shrunk(source.open(), 'full')
  if (source.frames > 1) return write(job, 'full', pipeline.webp(fullCoding))
  const lossy = source.hasAlpha ? pipeline.webp(fullCoding) : pipeline.jpeg({ quality: 85 })
  if (!source.lossless) return write(job, 'full', lossy)
  // Drawn pictures (screenshots, diagrams) are smaller exact than lossy, photographs the reverse.
  const exact = shrunk(source.open(), 'full').png({ compressionLevel: 6 })
  return write(job, 'full', lossy, exact)
}

// Encoded first, written after: then a full disk cannot be mistaken for a broken image.
async function write(
  job: WorkerJob,
  name: VariantName,
  first: Sharp,
  second?: Sharp,
): Promise<WrittenVariant> {
  const one = await first.toBuffer({ resolveWithObject: true })
  const other = await second?.toBuffer({ resolveWithObject: true })
  const best = other && other.data.length < one.data.length ? other : one
  await writeFile(join(job.folder, name), best.data, { flag: 'wx', mode: 0o600 })
  const { format, width, pageHeight, height } = best.info
  return { type: typeOf(format), width, height: pageHeight ?? height }
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
