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
    .selectFrom('messages')
    .select((found) => ['conversation', found.fn.max('seq').as('seq')])
    .where('conversation', 'in', [...conversations])
    .groupBy('conversation')
    .execute()
  return rows.map(({ conversation, seq }) => ({ conversation, seq: Number(seq) }))
}
