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

/** A user or a conversation, which both can have a picture. */
interface PictureOwner {
  readonly id: number
  readonly publicId: Uint8Array
}

/** Pictures of users and groups, and their holds. */
export interface PictureRows {
  of(kind: PictureKind, owner: number): PictureRow | undefined
  /**
   * Puts a picture, or none, in the place of the one before; puts the hold and the release into the
   * outbox. Returns false when it was so already.
   */
  set(kind: PictureKind, owner: PictureOwner, picture: PictureRow | undefined): boolean
}
