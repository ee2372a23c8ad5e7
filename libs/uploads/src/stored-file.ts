/** One blob of a stored file: a plain file has one variant, an image several. */
export interface StoredVariant {
  /** `[a-z]{1,16}`, for example `full` or `thumb`. */
  readonly variant: string
  /** BLAKE3 of the bytes, hex. */
  readonly digest: string
  readonly sizeBytes: number
  /** Media type to serve it as. */
  readonly type: string
}

/** A finished upload: who owns it and which blobs it consists of. */
export interface StoredFile {
  /** 32 random characters `[a-z2-7]`. */
  readonly id: string
  /** User uuid of the uploader. */
  readonly owner: string
  /** The uploader's name for it: data, never a path. */
  readonly name: string | undefined
  readonly createdMs: number
  readonly facts: Readonly<Record<string, unknown>>
  readonly variants: readonly StoredVariant[]
}

/** One change of who needs a file, as the relay reports it. */
export interface HoldChange {
  readonly id: string
  /** At most 128 characters. */
  readonly holder: string
  readonly held: boolean
}

/** How much is stored. */
export interface Usage {
  readonly files: number
  readonly bytes: number
  readonly unfinishedUploads: number
}
