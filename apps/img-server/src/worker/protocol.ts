import { z } from 'zod'
import { acceptedFormats } from '../domain/image-format.ts'
import { servedTypes } from '../domain/variant.ts'

const side = z.number().int().min(1).max(65_535)

const variant = z.object({
  type: z.enum(servedTypes),
  width: side,
  height: side,
})

/** One variant that a worker has written: its media type and size in pixels. */
export type WrittenVariant = z.output<typeof variant>

const job = z.object({
  kind: z.literal('job'),
  id: z.number().int(),
  /** The uploaded bytes; read, never written. */
  input: z.string(),
  /** An empty folder in which each variant becomes a file of its name. */
  folder: z.string(),
  format: z.enum(acceptedFormats),
  maxPixels: z.number().int(),
  maxFrames: z.number().int(),
})

/** What the service asks of a worker: one image to re-encode. */
export type WorkerJob = z.output<typeof job>

const done = z.object({
  kind: z.literal('done'),
  id: z.number().int(),
  variants: z.object({ thumb: variant, preview: variant, full: variant }),
  /** base64url, about 28 characters. */
  thumbhash: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  frames: z.number().int().min(1),
})

/** What became of one image. */
export type WorkerDone = z.output<typeof done>

const refused = z.object({
  kind: z.literal('refused'),
  id: z.number().int(),
  reason: z.enum(['IMAGE_BROKEN', 'IMAGE_TOO_MANY_PIXELS', 'IMAGE_TOO_MANY_FRAMES']),
  message: z.string().max(500),
})

/** Why one image was not re-encoded, in words its owner may read. */
export type WorkerRefused = z.output<typeof refused>

const failed = z.object({
  kind: z.literal('failed'),
  id: z.number().int(),
  /** The system's word, such as ENOSPC. */
  code: z.string().max(40),
})

/** Why a worker could not do its part, through no fault of the image. */
export type WorkerFailed = z.output<typeof failed>

const ready = z.object({ kind: z.literal('ready') })

const fromWorker = z.discriminatedUnion('kind', [ready, done, refused, failed])

/** Everything a worker says. */
export type WorkerMessage = z.output<typeof fromWorker>

/** The message, or undefined when a worker (taken over, or broken) says something else. */
export function parseWorkerMessage(message: unknown): WorkerMessage | undefined {
  return fromWorker.safeParse(message).data
}

/** The job the service has sent; throws when it is none, which is a bug. */
export function parseWorkerJob(message: unknown): WorkerJob {
  return job.parse(message)
}
