import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'

/** The newest entry of a log. */
export interface HeadRow {
  readonly conversation: number
  readonly seq: number
}

/** The heads of these conversations, those without entries left out; ask for 1,000 at most. */
export async function heads(
  db: Kysely<Tables>,
  { conversations }: { readonly conversations: readonly number[] },
): Promise<HeadRow[]> {
  const rows = await db
    .selectFrom('conversations as c')
    .select((of) => [
      'c.id as conversation',
      // Grouping by conversation would read the whole index of each log; this goes to its end.
      of
        .selectFrom('messages as m')
        .select('m.seq')
        .whereRef('m.conversation', '=', 'c.id')
        .orderBy('m.seq', 'desc')
        .limit(1)
        .as('seq'),
    ])
    .where('c.id', 'in', [...conversations])
    .execute()
  return rows.flatMap(({ conversation, seq }) => (seq === null ? [] : [{ conversation, seq }]))
}
