import type { chat } from '@parley/proto'

/** A picture of a user or group in JSON lines; null for none. */
export function pictureLine(picture: chat.Picture | undefined) {
  if (picture === undefined) return null
  const { imageId, width, height } = picture
  const thumbhash = picture.thumbhash.toString('base64url')
  return { imageId, digest: picture.digest.toString('hex'), width, height, thumbhash }
}

/** The same for people: empty for none. */
export function pictureText(picture: chat.Picture | undefined): string {
  return picture === undefined ? '' : `[picture ${picture.width}x${picture.height}]`
}
