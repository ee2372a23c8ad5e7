import type { chat } from '@parley/proto'
import { pictureMessage } from './picture-message.ts'
import type { ProfileLine } from '../store/queries/profiles.ts'

/** A user as others read of one. */
export function profileMessage(line: ProfileLine): chat.Profile {
  const { publicId, name, nickname, about, picture } = line
  const userId = Buffer.from(publicId)
  return { userId, name, nickname, about, picture: picture && pictureMessage(picture) }
}
