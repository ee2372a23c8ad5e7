import type { StoredFile, StoredVariant } from './stored-file.ts'

/** An upload under way, as its row has it. */
export interface Upload {
  /** Names the upload in its URL: 32 random characters. */
  readonly id: string
  /** The id of the file that it will become. */
  readonly fileId: string
  /** User uuid of who made it, the only one who may see it. */
  readonly owner: string
  /** The size announced at creation. */
  readonly sizeBytes: number
  /** How many bytes are on disk for certain: where to go on. */
  readonly offsetBytes: number
  /** The client's name for the file: data, never a path. */
  readonly name: string | undefined
  /** The `Upload-Metadata` header as it came, to be given back. */
  readonly metadata: string | undefined
  readonly createdMs: number
  /** When it is forgotten, finished or not. */
  readonly expiresMs: number
  readonly finished: boolean
}

/** An upload all of whose bytes are on disk, in a file of their own. */
export interface CompleteUpload extends Upload {
  /** Where the bytes are; removed after the upload is finished. */
  readonly path: string
  /** BLAKE3 of the bytes, hex. */
  readonly digest: string
}

/** What finishing an upload made of its bytes. */
export interface FinishedFile {
  /** What the app wants to know of the file later; stored as JSON. */
  readonly facts: Readonly<Record<string, unknown>>
  /** The blobs it consists of, each already put. */
  readonly variants: readonly StoredVariant[]
}

/** Puts blobs so that collection cannot take one away before the file that needs it is committed. */
export interface BlobIntake {
  /** As `BlobStore.put`. */
  put(path: string, digest: string): Promise<void>
}

/**
 * Makes a file of complete bytes; must bear repetition, since a crash after it runs it again. An
 * `AppError` of kind invalid, too-large, unsupported or unprocessable refuses the upload for good
 * and removes it; any other error leaves it to be tried again.
 */
export type Finish = (upload: CompleteUpload, blobs: BlobIntake) => Promise<FinishedFile>

/** What appending a body led to. */
export interface Appended {
  readonly offsetBytes: number
  /** Set when these bytes completed the upload. */
  readonly file: StoredFile | undefined
}
