import { z } from 'zod'
import { acceptedFormats } from '../domain/image-format.ts'
import { madeTypes, servedTypes, variantNames } from '../domain/variant.ts'

const side = z.number().int().min(1).max(65_535)

const wanted = z.object({
  variant: z.enum(variantNames),
  /** `best` is WebP for small variants, and for the full one whatever keeps it best. */
  type: z.enum([...madeTypes, 'best']),
})

/** One picture to be made, as a file of the variant's name. */
export type WantedPicture = z.output<typeof wanted>

const written = z.object({
  variant: z.enum(variantNames),
  type: z.enum(servedTypes),
  width: side,
  height: side,
})

/** One picture that a worker has written: its media type and size in pixels. */
export type WrittenPicture = z.output<typeof written>

const job = z.object({
  kind: z.literal('job'),
  id: z.number().int(),
  /** The uploaded bytes; read, never written. */
  input: z.string(),
  /** An empty folder in which each picture becomes a file. */
  folder: z.string(),
  format: z.enum(acceptedFormats),
  maxPixels: z.number().int(),
  maxFrames: z.number().int(),
  /** Each variant at most once. */
  wanted: z.array(wanted).min(1).max(variantNames.length),
  /** Whether a thumbhash is wanted as well. */
  thumbhash: z.boolean(),
})

/** What the service asks of a worker: one image to re-encode. */
export type WorkerJob = z.output<typeof job>

const done = z.object({
  kind: z.literal('done'),
  id: z.number().int(),
  /** One for each that was wanted. */
  written: z.array(written).max(variantNames.length),
  /** base64url, about 28 characters; there when it was wanted. */
  thumbhash: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
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
