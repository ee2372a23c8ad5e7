import type { chat } from '@parley/proto'
import type { ProfileLine } from '../../store/queries/profiles.ts'

/** A user as others read of one. */
export function profile({ publicId, name, nickname, about }: ProfileLine): chat.Profile {
  return { userId: Buffer.from(publicId), name, nickname, about }
}
