import { open } from 'node:fs/promises'
import sharp from 'sharp'
import type { Metadata, Sharp, SharpOptions } from 'sharp'
import { isDrawn } from './drawn.ts'
import { decoded } from './pixels.ts'
import type { WorkerJob } from './protocol.ts'
import { Refusal } from './refusal.ts'

/** One uploaded image, its header checked, upright and in sRGB whenever it is opened. */
export interface Source {
  readonly frames: number
  readonly hasAlpha: boolean
  /** True when the format kept every pixel, and they look drawn rather than photographed. */
  readonly isDrawn: boolean
  /** A fresh pipeline; `still` takes the first frame only. */
  open(still?: 'still'): Sharp
}

/** Reads the header, refuses what is too large before a pixel is decoded, and opens the rest. */
export async function openSource(job: WorkerJob): Promise<Source> {
  const header = await readHeader(job)
  const frames = framesOf(header)
  checkSize(header, frames, job)
  const facts = { frames, hasAlpha: header.hasAlpha, isDrawn: false }
  if (frames > 1) return { ...facts, open: (still) => openMoving(job, still === 'still') }
  if (!needsAllPixels(job)) return { ...facts, open: () => openUpright(job) }
  const pixels = await decoded(openUpright(job))
  return { ...facts, isDrawn: (await isExact(job)) && isDrawn(pixels), open: pixels.open }
}

// The full variant needs every pixel, so they are decoded once and all variants made of them. What is
// only to be small is read from the file: libjpeg and libwebp decode straight to a smaller picture.
function needsAllPixels({ wanted }: WorkerJob): boolean {
  return wanted.some(({ variant }) => variant === 'full')
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

function openUpright(job: WorkerJob): Sharp {
  // Row by row, for what needs no more: less memory, and less time for large pictures.
  const options = { ...reading(job), sequentialRead: true }
  return sharp(job.input, options).autoOrient().toColourspace('srgb')
}

// sharp cannot turn an animation (it refuses one with EXIF orientation), so those stay as stored,
// and so does their first frame.
function openMoving(job: WorkerJob, still: boolean): Sharp {
  return sharp(job.input, { ...reading(job), animated: !still }).toColourspace('srgb')
}

function reading(job: WorkerJob): SharpOptions {
  return { limitInputPixels: job.maxPixels, failOn: 'error' }
}

// WebP without loss says so in its first chunk, unless that is the extended header, which is rare.
async function isExact({ format, input }: WorkerJob): Promise<boolean> {
  if (format !== 'webp') return format === 'png' || format === 'gif'
  const file = await open(input)
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 12)
    return buffer.toString('latin1') === 'VP8L'
  } finally {
    await file.close()
  }
}
