import type { Readable } from 'node:stream'

/** An object of a bucket. */
export interface StoredObject {
  readonly key: string
  readonly sizeBytes: number
}

/** An object, with the digest that was written beside it. */
export interface StatedObject extends StoredObject {
  readonly digest: string | undefined
}

/**
 * A bucket of an S3-compatible server. What cannot be had now throws `AppError` (unavailable,
 * BUCKET_UNAVAILABLE or BUCKET_REFUSED; exhausted, BUCKET_FULL) after bounded retries.
 */
export interface Bucket {
  /** Throws unless the bucket is there and may be used. */
  check(): Promise<void>
  stat(key: string): Promise<StatedObject | undefined>
  /** Bytes from `start` up to but not including `end`, one attempt; undefined when it is gone. */
  read(key: string, start: number, end: number): Promise<Readable | undefined>
  /** A small object whole, undefined when there is none; throws (corrupt) beyond `maxBytes`. */
  readSmall(key: string, maxBytes: number): Promise<Buffer | undefined>
  writeSmall(key: string, bytes: Uint8Array): Promise<void>
  /** Stores a file, its digest beside it; resolves when the object is complete. */
  writeFile(key: string, path: string, digest: string): Promise<void>
  /**
   * Bears repetition. False when one of its attempts was not answered: that one may be carried out later,
   * as may all of a delete that throws, unless `isRefusedAtOnce`.
   */
  delete(key: string): Promise<boolean>
  /** Every object whose key starts so, in order of key. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** Ends uploads to keys that start so which nobody will finish; answers how many. */
  endUploads(prefix: string): Promise<number>
  /** Breaks off what is under way. */
  close(): void
}
