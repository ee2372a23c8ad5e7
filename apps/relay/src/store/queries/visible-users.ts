import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import { isVisibleTo } from './acquaintances.ts'

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

const columns = sql`u.id as user, u.public_id as publicId, u.name as name`

/** Of those named, and of all contacts, whose presence a user may see (see `acquaintances`). */
export async function visibleUsers(
  db: Kysely<Tables>,
  { user, userIds, contacts }: VisibleUsersArgs,
): Promise<VisibleUser[]> {
  const isContact = sql`exists (select 1 from friendships f
    where f.user = ${user} and f.other = u.id and f.state = 4)`
  // Of a group: two who only write to each other are not members of the same.
  const isCoMember = sql`exists (select 1 from members theirs
    join conversations c on c.id = theirs.conversation and c.kind = 2
    join members mine on mine.conversation = theirs.conversation
    where theirs.user = u.id and theirs.left_seq is null
    and mine.user = ${user} and mine.left_seq is null)`
  const ids = sql.join(userIds.length === 0 ? [sql`null`] : userIds.map((id) => sql`${id}`))
  const named = sql<VisibleUser>`select ${columns} from users u
    where u.public_id in (${ids}) and ${isVisibleTo(user)} and (${isContact} or ${isCoMember})`
  const known = sql<VisibleUser>`select ${columns}
    from friendships mine join users u on u.id = mine.other
    where mine.user = ${user} and mine.state = 4 and ${isVisibleTo(user)}`
  const either = contacts ? sql<VisibleUser>`${named} union ${known}` : named
  const found = await sql<VisibleUser>`${either} limit ${maxWatched}`.execute(db)
  return found.rows
}
