import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import type { Bucket, StatedObject, StoredObject } from './bucket.ts'
import { s3Client } from './s3-client.ts'
import { bucketError, isMissing } from './s3-errors.ts'
import { FileWriter, digestName } from './s3-file-writer.ts'
import type { S3Location } from './s3-url.ts'

/** From a question to the head of its answer, all attempts together. */
const answerLimitMs = 10_000
const keysPerPage = 1_000
const maxPagesOfUploads = 100

/** A bucket over the AWS SDK. */
export class S3Bucket implements Bucket {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #scheduler: Scheduler
  readonly #writer: FileWriter
  readonly #closing = new AbortController()

  constructor(location: S3Location, scheduler: Scheduler, partBytes: number) {
    this.#client = s3Client(location)
    this.#bucket = location.bucket
    this.#scheduler = scheduler
    const { signal: closing } = this.#closing
    const { bucket } = location
    this.#writer = new FileWriter({ client: this.#client, bucket, scheduler, partBytes, closing })
  }

  async check(): Promise<void> {
    const asking = this.#ask((abortSignal) =>
      this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }), { abortSignal }),
    )
    // The answer to a HEAD has no body that could say what is missing: here it is the bucket.
    await asking.catch((error: unknown) => {
      if (isMissing(error)) throw noBucket(error)
      throw bucketError(error)
    })
  }

  async stat(key: string): Promise<StatedObject | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key })
    const head = await this.#unlessMissing((abortSignal) =>
      this.#client.send(command, { abortSignal }),
    )
    return head && { key, sizeBytes: head.ContentLength ?? 0, digest: head.Metadata?.[digestName] }
  }

  async read(key: string, start: number, end: number): Promise<Readable | undefined> {
    const Range = `bytes=${start}-${end - 1}`
    const answer = await this.#get(key, Range)
    if (!answer) return undefined
    const { body, sizeBytes } = answer
    if (sizeBytes === end - start) return body
    body.destroy()
    throw new AppError('corrupt', 'BUCKET_WRONG', 'the bucket sent other bytes than were asked for')
  }

  async readSmall(key: string, maxBytes: number): Promise<Buffer | undefined> {
    const answer = await this.#get(key)
    if (!answer) return undefined
    if (answer.sizeBytes > maxBytes) {
      answer.body.destroy()
      throw new AppError('corrupt', 'BUCKET_WRONG', `an object has more than ${maxBytes} bytes`)
    }
    return buffer(answer.body).catch((error: unknown) => {
      throw bucketError(error)
    })
  }

  async writeSmall(key: string, bytes: Uint8Array): Promise<void> {
    const command = new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: bytes })
    await this.#told((abortSignal) => this.#client.send(command, { abortSignal }))
  }

  async writeFile(key: string, path: string, digest: string): Promise<void> {
    try {
      await this.#writer.write(key, path, digest)
    } catch (error) {
      throw bucketError(error)
    }
  }

  async delete(key: string): Promise<boolean> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })
    // A server that says instead that there is no such object has not said how often it was asked.
    const answer = await this.#unlessMissing((abortSignal) =>
      this.#client.send(command, { abortSignal }),
    )
    return answer?.$metadata.attempts === 1
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    let after: string | undefined
    for (;;) {
      const page = { Bucket: this.#bucket, Prefix: prefix, MaxKeys: keysPerPage }
      const command = new ListObjectsV2Command({ ...page, ContinuationToken: after })
      const answer = await this.#told((abortSignal) => this.#client.send(command, { abortSignal }))
      for (const { Key: key, Size: sizeBytes } of answer.Contents ?? []) {
        if (key !== undefined && sizeBytes !== undefined) yield { key, sizeBytes }
      }
      after = answer.NextContinuationToken
      if (answer.IsTruncated !== true || after === undefined) return
    }
  }

  async endUploads(prefix: string): Promise<number> {
    const Bucket = this.#bucket
    let ended = 0
    for (let pages = 0; pages < maxPagesOfUploads; pages += 1) {
      const listing = new ListMultipartUploadsCommand({ Bucket, Prefix: prefix })
      const { Uploads = [] } = await this.#told((abortSignal) =>
        this.#client.send(listing, { abortSignal }),
      )
      for (const { Key, UploadId } of Uploads) {
        const command = new AbortMultipartUploadCommand({ Bucket, Key, UploadId })
        await this.#unlessMissing((abortSignal) => this.#client.send(command, { abortSignal }))
        ended += 1
      }
      if (Uploads.length === 0) break
    }
    return ended
  }

  close(): void {
    this.#closing.abort(new AppError('cancelled', 'CLOSING', 'this server is stopping'))
    this.#client.destroy()
  }

  async #get(key: string, Range?: string) {
    const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key, Range })
    const answer = await this.#unlessMissing((abortSignal) =>
      this.#client.send(command, { abortSignal }),
    )
    if (!answer) return undefined
    if (!(answer.Body instanceof Readable)) throw new TypeError('an answer without a body')
    return { body: answer.Body, sizeBytes: answer.ContentLength ?? -1 }
  }

  async #unlessMissing<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#ask(send)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw bucketError(error)
    }
  }

  async #told<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#ask(send)
    } catch (error) {
      throw bucketError(error)
    }
  }

  // The timer ends with the answer's head: how long a body may take is its reader's affair.
  async #ask<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController()
    const timer = this.#scheduler.setTimer(answerLimitMs, () => late.abort())
    try {
      return await send(AbortSignal.any([late.signal, this.#closing.signal]))
    } finally {
      timer.cancel()
    }
  }
}

function noBucket(cause: unknown): AppError {
  const message = 'there is no such bucket'
  return new AppError('unavailable', 'BUCKET_REFUSED', message, { cause, retryAfterMs: 5_000 })
}
