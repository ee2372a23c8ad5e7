import type { chat } from '@parley/proto'
import type { PictureRow } from '../store/picture-rows.ts'

/** A picture as it stands in answers and entries. */
export function pictureMessage({ digest, thumbhash, ...picture }: PictureRow): chat.Picture {
  return { ...picture, digest: Buffer.from(digest), thumbhash: Buffer.from(thumbhash) }
}
