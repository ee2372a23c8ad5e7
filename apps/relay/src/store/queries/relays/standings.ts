import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'

/** What changes whenever a user's contacts, blocks or stays do; only to be compared. */
export interface StandingRow {
  readonly user: number
  readonly contacts: string
  readonly stays: string
}

/** How these users stand to others; ask for 1,000 at most. */
export async function standings(
  db: Kysely<Tables>,
  { users }: { readonly users: readonly number[] },
): Promise<StandingRow[]> {
  const contacts = await db
    .selectFrom('friendships')
    .select((of) => ['user', of.fn.countAll().as('count'), of.fn.sum('state').as('states')])
    .select((of) => [of.fn.sum('blocked').as('blocks'), of.fn.max('changed_at_ms').as('newest')])
    .where('user', 'in', [...users])
    .groupBy('user')
    .execute()
  const stays = await db
    .selectFrom('members')
    .select((of) => ['user', of.fn.countAll().as('begun'), of.fn.count('left_seq').as('ended')])
    .where('user', 'in', [...users])
    .groupBy('user')
    .execute()
  const known = new Map(contacts.map((row) => [row.user, row]))
  const inGroups = new Map(stays.map((row) => [row.user, row]))
  return users.map((user) => {
    const { count, states, blocks, newest } = known.get(user) ?? nothing
    const { begun, ended } = inGroups.get(user) ?? nothing
    return {
      user,
      contacts: [count, states, blocks, newest].join('/'),
      stays: [begun, ended].join('/'),
    }
  })
}

const nothing = { count: 0, states: 0, blocks: 0, newest: 0, begun: 0, ended: 0 }
