import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'

/** A range of a log that a user may see; `leftSeq` is 0 while it lasts. */
export interface StayRow {
  readonly joinedSeq: number
  readonly leftSeq: number
}

/** All stays of a user in a conversation, ascending. */
export async function staysOf(
  db: Kysely<Tables>,
  { user, conversation }: { readonly user: number; readonly conversation: number },
): Promise<StayRow[]> {
  const rows = await db
    .selectFrom('members')
    .select(['joined_seq', 'left_seq'])
    .where('user', '=', user)
    .where('conversation', '=', conversation)
    .orderBy('joined_seq')
    .execute()
  return rows.map((row) => ({ joinedSeq: row.joined_seq, leftSeq: row.left_seq ?? 0 }))
}

/** How many stays a user has had, in all conversations. */
export interface StayCount {
  readonly user: number
  readonly stays: number
}

/** The number of stays of each of these users; ask for 1,000 at most. */
export async function stayCounts(
  db: Kysely<Tables>,
  { users }: { readonly users: readonly number[] },
): Promise<StayCount[]> {
  const rows = await db
    .selectFrom('members')
    .select((found) => ['user', found.fn.countAll().as('stays')])
    .where('user', 'in', [...users])
    .groupBy('user')
    .execute()
  return rows.map(({ user, stays }) => ({ user, stays: Number(stays) }))
}
