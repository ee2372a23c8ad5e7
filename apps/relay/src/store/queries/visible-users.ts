import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The most users whose presence one session follows. */
export const maxWatched = 1_000

export interface VisibleUsersArgs {
  readonly user: number
  /** Of these, those whom the user may see ... */
  readonly userIds: readonly Uint8Array[]
  /** ... and all contacts as well. */
  readonly contacts: boolean
}

export interface VisibleUser {
  readonly user: number
  readonly publicId: Uint8Array
  readonly name: string
}

/** Whose presence a user may see: contacts and members of the same groups. */
export async function visibleUsers(
  db: Kysely<Tables>,
  { user, userIds, contacts }: VisibleUsersArgs,
): Promise<VisibleUser[]> {
  const isContact = sql`exists (select 1 from friendships f
    where f.user = u.id and f.other = ${user} and f.state = 4 and f.blocked = 0)`
  const isCoMember = sql`exists (select 1 from members mine join members theirs
    on theirs.conversation = mine.conversation
    where mine.user = ${user} and mine.left_seq is null
    and theirs.user = u.id and theirs.left_seq is null)`
  const ids = sql.join(userIds.length === 0 ? [sql`null`] : userIds.map((id) => sql`${id}`))
  const named = sql<VisibleUser>`select u.id as user, u.public_id as publicId, u.name as name from users u
    where u.id != ${user} and u.public_id in (${ids}) and (${isContact} or ${isCoMember})`
  const known = sql<VisibleUser>`select u.id as user, u.public_id as publicId, u.name as name
    from friendships mine join users u on u.id = mine.other
    where mine.user = ${user} and mine.state = 4 and ${isContact}`
  const either = contacts ? sql<VisibleUser>`${named} union ${known}` : named
  const found = await sql<VisibleUser>`${either} limit ${maxWatched}`.execute(db)
  return found.rows
}
