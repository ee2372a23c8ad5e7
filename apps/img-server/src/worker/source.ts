import sharp from 'sharp'
import type { Metadata, Sharp, SharpOptions } from 'sharp'
import type { WorkerJob } from './protocol.ts'
import { Refusal } from './refusal.ts'

/** One uploaded image, its header checked, upright and in sRGB whenever it is opened. */
export interface Source {
  readonly frames: number
  readonly hasAlpha: boolean
  /** True when the upload's format kept every pixel as drawn, as screenshots are. */
  readonly lossless: boolean
  /** A fresh pipeline; `still` takes the first frame only. */
  open(still?: 'still'): Sharp
}

const bitmapFormats = new Set(['png', 'gif'])

// libjpeg and libwebp decode straight to a smaller picture, so opening the file again for each
// size is cheaper than keeping all pixels; the others are decoded once.
const shrinkOnLoadFormats = new Set(['jpeg', 'webp'])

/** Reads the header, refuses what is too large before a pixel is decoded, and opens the rest. */
export async function openSource(job: WorkerJob): Promise<Source> {
  const header = await readHeader(job)
  const frames = framesOf(header)
  checkSize(header, frames, job)
  const hasAlpha = header.hasAlpha
  const facts = { frames, hasAlpha, lossless: bitmapFormats.has(job.format) }
  if (frames > 1) return { ...facts, open: (still) => openFile(job, still !== 'still') }
  if (shrinkOnLoadFormats.has(job.format)) return { ...facts, open: () => openFile(job, false) }
  const { data, info } = await openFile(job, false).raw().toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  return { ...facts, open: () => sharp(data, { raw, limitInputPixels: job.maxPixels }) }
}

async function readHeader(job: WorkerJob): Promise<Metadata> {
  // Without a pixel limit: only the header is read, and the refusal can name the true size.
  const header = await sharp(job.input, { limitInputPixels: false, failOn: 'error' }).metadata()
  const isAvif = header.format === 'heif' && header.compression === 'av1'
  if ((isAvif ? 'avif' : header.format) === job.format) return header
  throw new Refusal('IMAGE_BROKEN', `its bytes start as ${job.format} and go on as something else`)
}

function framesOf(header: Metadata): number {
  // In HEIF containers pages are separate pictures, not frames: the primary one is taken.
  return header.format === 'heif' ? 1 : (header.pages ?? 1)
}

function checkSize(header: Metadata, frames: number, job: WorkerJob): void {
  if (frames > job.maxFrames) {
    const words = `${frames} frames, at most ${job.maxFrames} are accepted`
    throw new Refusal('IMAGE_TOO_MANY_FRAMES', words)
  }
  const pixels = header.width * (header.pageHeight ?? header.height) * frames
  if (pixels <= job.maxPixels) return
  const words = `${millions(pixels)} megapixels, at most ${millions(job.maxPixels)} are accepted`
  throw new Refusal('IMAGE_TOO_MANY_PIXELS', words)
}

function millions(pixels: number): string {
  return (pixels / 1e6).toFixed(1)
}

function openFile(job: WorkerJob, animated: boolean): Sharp {
  const options: SharpOptions = { animated, limitInputPixels: job.maxPixels, failOn: 'error' }
  const upright = sharp(job.input, options)
  // sharp cannot turn an animation (it refuses one with EXIF orientation), so those stay as stored.
  return (animated ? upright : upright.autoOrient()).toColourspace('srgb')
}
