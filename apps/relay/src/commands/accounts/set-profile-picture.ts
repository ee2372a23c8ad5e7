import type { PictureRow } from '../../store/picture-rows.ts'
import type { Tx } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'
import { profileAnswer } from './update-profile.ts'
import type { ProfileAnswer } from './update-profile.ts'

export interface SetProfilePictureInput {
  readonly user: number
  /** Undefined takes the picture away. */
  readonly picture: PictureRow | undefined
}

/** Gives a user another picture, or none. */
export function setProfilePicture(tx: Tx, input: SetProfilePictureInput): Verdict<ProfileAnswer> {
  const user = tx.users.byId(input.user)
  if (user === undefined) return refuse('USER_UNKNOWN', 'There is no such user.')
  tx.pictures.set(1, user, input.picture)
  return done(profileAnswer(tx, user))
}
