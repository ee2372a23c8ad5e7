import { sql } from 'kysely'
import type { Kysely } from 'kysely'
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
    where u.id != ${user} and u.disabled = 0 and u.public_id > ${afterUserId}
    and not exists (select 1 from friendships f
      where f.user = u.id and f.other = ${user} and f.blocked != 0)
    order by u.public_id
    limit ${limit}`.execute(db)
  return found.rows
}
