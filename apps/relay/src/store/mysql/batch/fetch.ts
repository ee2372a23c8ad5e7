import type { MysqlSession, Statement } from '../bridge/session.ts'

/** A question, and what to do with its rows. */
export interface Fetch {
  readonly statement: Statement
  note(rows: readonly unknown[]): void
}

/** A question whose rows have a known shape. */
export function fetch<Row>(
  sql: string,
  params: Statement['params'] & {},
  note: (rows: readonly Row[]) => void,
): Fetch {
  return { statement: { sql, params }, note: (rows) => note(rows as readonly Row[]) }
}

/** Asks all of it in one hop; nothing is asked when there is nothing to ask. */
export function fetchAll(session: MysqlSession, fetches: readonly Fetch[]): void {
  if (fetches.length === 0) return
  const results = session.many(fetches.map((each) => each.statement))
  fetches.forEach((each, i) => each.note(results[i]?.rows ?? []))
}
