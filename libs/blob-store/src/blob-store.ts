import type { Readable } from 'node:stream'

/** What is known of a stored blob without opening it. */
export interface BlobStat {
  /** BLAKE3 of the bytes, 64 lower-case hex digits. */
  readonly digest: string
  readonly sizeBytes: number
}

/** A blob held open: it stays readable until closed, even when it is deleted meanwhile. */
export interface OpenBlob {
  readonly sizeBytes: number
  /** The bytes from `start` up to but not including `end`, both within the blob. */
  stream(start: number, end: number): Readable
  /**
   * Where bytes can be had without a stream: fills `into` from `position` on, answers how many bytes
   * came, fewer than asked for only at the end of the blob.
   */
  read?(into: Uint8Array, position: number): Promise<number>
  /** Lets go of the blob; nothing may be read any more. */
  close(): Promise<void>
}

/** Bytes under their own BLAKE3 digest. A digest that is not 64 hex digits is refused (invalid). */
export interface BlobStore {
  /**
   * Stores the bytes of the finished file at `path`, whose digest the caller has computed; on disk
   * when this resolves. The file itself stays where it is and may then be removed, never changed.
   */
  put(path: string, digest: string): Promise<void>
  /** Opens a blob, or answers undefined when there is none of that digest. */
  open(digest: string): Promise<OpenBlob | undefined>
  /** What is stored under the digest, if anything. */
  stat(digest: string): Promise<BlobStat | undefined>
  /** Removes a blob for good; true when there was one. */
  delete(digest: string): Promise<boolean>
  /** Every stored blob, in ascending order of digest. */
  list(): AsyncIterable<BlobStat>
  /** Lets go of what is kept ready for the next reader, where something is: for a server's end. */
  letGo?(): void
}
