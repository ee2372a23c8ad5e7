import { uuidText } from '@parley/service-kit'

/** Whose picture: 1 a user's, 2 a group's. */
export type PictureKind = 1 | 2

/** A picture of the image server, as its receipt described it. */
export interface PictureRow {
  readonly imageId: string
  /** BLAKE3 of the full variant. */
  readonly digest: Uint8Array
  /** Pixels of the full variant. */
  readonly width: number
  readonly height: number
  readonly thumbhash: Uint8Array
}

/** The same with the id of its setting, 16 bytes; null for what was set before settings had ids. */
export interface StoredPictureRow extends PictureRow {
  readonly setting: Uint8Array | null
}

/** A picture as others read of it. */
export function pictureOnly(row: StoredPictureRow | undefined): PictureRow | undefined {
  if (row === undefined) return undefined
  const { imageId, digest, width, height, thumbhash } = row
  return { imageId, digest, width, height, thumbhash }
}

/** The name of the hold of one setting of a picture. */
export function pictureHolder(owner: Uint8Array, setting: Uint8Array | null): string {
  const holder = `${uuidText(owner)}/picture`
  return setting === null ? holder : `${holder}/${uuidText(setting)}`
}

/** A user or a conversation, which both can have a picture. */
interface PictureOwner {
  readonly id: number
  readonly publicId: Uint8Array
}

/** Pictures of users and groups, and their holds. */
export interface PictureRows {
  of(kind: PictureKind, owner: number): PictureRow | undefined
  /**
   * Puts a picture, or none, in the place of the one before; puts the hold of this setting and the
   * release of that one into the outbox. Returns false when it was so already.
   */
  set(kind: PictureKind, owner: PictureOwner, picture: PictureRow | undefined): boolean
}
