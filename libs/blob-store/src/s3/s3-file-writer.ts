import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { Scheduler } from '@parley/service-kit'
import pLimit from 'p-limit'

/** The metadata under which an object bears its BLAKE3. */
export const digestName = 'blake3'

/** S3 takes 10,000 parts; the parts of a huge file are larger instead. */
const maxParts = 9_000
const partsAtOnce = 2
/** With `partsAtOnce`, what bounds the memory: 4 x 2 parts. */
const filesAtOnce = 4
const slowestBytesPerMs = 256
const allowanceMs = 60_000

/** What a file writer stands on. */
export interface FileWriterParts {
  readonly client: S3Client
  readonly bucket: string
  readonly scheduler: Scheduler
  /** Up to this size a file goes in one request, beyond it in parts of as much. */
  readonly partBytes: number
  readonly closing: AbortSignal
}

/** Writes files into a bucket, a few at a time. */
export class FileWriter {
  readonly #on: FileWriterParts
  readonly #turns = pLimit(filesAtOnce)

  constructor(parts: FileWriterParts) {
    this.#on = parts
  }

  /** Resolves when the object is complete; an upload in parts that fails leaves none behind. */
  write(key: string, path: string, digest: string): Promise<void> {
    const { bucket, scheduler, partBytes, closing } = this.#on
    return this.#turns(async () => {
      const { size: sizeBytes } = await stat(path)
      const late = new AbortController()
      const limitMs = Math.ceil(allowanceMs + sizeBytes / slowestBytesPerMs)
      const timer = scheduler.setTimer(limitMs, () => late.abort())
      const signal = AbortSignal.any([late.signal, closing])
      const params = { Bucket: bucket, Key: key, Metadata: { [digestName]: digest } }
      try {
        if (sizeBytes <= partBytes) await this.#writeWhole(params, path, signal)
        else await this.#writeParts(params, path, sizeBytes, signal)
      } finally {
        timer.cancel()
      }
    })
  }

  async #writeWhole(params: Params, path: string, abortSignal: AbortSignal): Promise<void> {
    // Bytes in memory, unlike a stream, can be sent again.
    const command = new PutObjectCommand({ ...params, Body: await readFile(path) })
    await this.#on.client.send(command, { abortSignal })
  }

  async #writeParts(params: Params, path: string, sizeBytes: number, signal: AbortSignal) {
    const partSize = Math.max(this.#on.partBytes, Math.ceil(sizeBytes / maxParts))
    const body = createReadStream(path, { highWaterMark: 1 << 20 })
    const upload = new Upload({
      client: this.#on.client,
      params: { ...params, Body: body },
      partSize,
      queueSize: partsAtOnce,
    })
    const abort = () => void upload.abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      signal.throwIfAborted()
      await upload.done()
    } finally {
      signal.removeEventListener('abort', abort)
      body.destroy()
    }
  }
}

interface Params {
  readonly Bucket: string
  readonly Key: string
  readonly Metadata: Record<string, string>
}
