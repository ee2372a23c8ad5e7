import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'
import type { Tables } from '../tables.ts'

export interface AcquaintancesArgs {
  readonly user: number
  /** Only users with greater ids; empty for the first page. */
  readonly afterUserId: Uint8Array
  readonly limit: number
}

export interface Acquaintance {
  readonly publicId: Uint8Array
  readonly name: string
}

/** That `users u` is another user, not disabled, who has not blocked this one. */
export function isVisibleTo(user: number): RawBuilder<boolean> {
  return sql`(u.id != ${user} and u.disabled = 0 and not exists (select 1 from friendships b
    where b.user = u.id and b.other = ${user} and b.blocked != 0))`
}

/** Whose presence a user may see: contacts and co-members who have not blocked the user. */
export async function acquaintances(
  db: Kysely<Tables>,
  { user, afterUserId, limit }: AcquaintancesArgs,
): Promise<Acquaintance[]> {
  const found = await sql<Acquaintance>`
    select u.public_id as publicId, u.name as name
    from (select other as id from friendships where user = ${user} and state = 4
      union select theirs.user from members mine
      join conversations c on c.id = mine.conversation and c.kind = 2
      join members theirs on theirs.conversation = mine.conversation and theirs.left_seq is null
      where mine.user = ${user} and mine.left_seq is null) known
    join users u on u.id = known.id
    where ${isVisibleTo(user)} and u.public_id > ${afterUserId}
    order by u.public_id
    limit ${limit}`.execute(db)
  return found.rows
}
