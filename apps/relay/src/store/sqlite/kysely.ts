import { Kysely, SqliteDialect } from 'kysely'
import type { Tables } from '../tables.ts'
import type { Sqlite } from './open-database.ts'

/** Kysely on an open connection, for questions. */
export function kyselyOn(db: Sqlite): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: db }) })
}
