import type { PictureRow } from '../../store/picture-rows.ts'
import type { Tx, UserRow } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface UpdateProfileInput {
  readonly user: number
  /** Undefined leaves it as it is. */
  readonly nickname: string | undefined
  readonly about: string | undefined
}

export interface ProfileAnswer {
  readonly userId: Uint8Array
  readonly name: string
  readonly nickname: string
  readonly about: string
  readonly picture: PictureRow | undefined
}

/** Changes what others read of a user. */
export function updateProfile(tx: Tx, input: UpdateProfileInput): Verdict<ProfileAnswer> {
  const user = tx.users.byId(input.user)
  if (user === undefined) return refuse('USER_UNKNOWN', 'There is no such user.')
  const nickname = input.nickname ?? user.nickname
  const about = input.about ?? user.about
  const isNews = nickname !== user.nickname || about !== user.about
  if (isNews) tx.users.setProfile(user.id, nickname, about)
  return done(profileAnswer(tx, { ...user, nickname, about }))
}

/** What others read of a user, in the transaction that changed it. */
export function profileAnswer(tx: Tx, user: UserRow): ProfileAnswer {
  const { id, publicId: userId, name, nickname, about } = user
  return { userId, name, nickname, about, picture: tx.pictures.of(1, id) }
}
