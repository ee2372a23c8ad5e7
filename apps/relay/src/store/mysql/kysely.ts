import { Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import type { Tables } from '../tables.ts'
import type { ReadPool } from './read-pool.ts'

/** Kysely on a pool, for questions: each statement takes a connection for itself. */
export function kyselyOnPool(pool: ReadPool): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => new PoolDriver(pool),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  }
  return new Kysely<Tables>({ dialect })
}

class PoolDriver implements Driver {
  readonly #connection: DatabaseConnection

  constructor(pool: ReadPool) {
    this.#connection = {
      async executeQuery<Result>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Result>> {
        const rows = await pool.run((connection) => connection.rows(sql, parameters))
        return { rows: rows as Result[] }
      },
      streamQuery: () => {
        throw notForQuestions()
      },
    }
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection)
  }

  beginTransaction(): Promise<void> {
    return Promise.reject(notForQuestions())
  }

  commitTransaction(): Promise<void> {
    return Promise.reject(notForQuestions())
  }

  rollbackTransaction(): Promise<void> {
    return Promise.reject(notForQuestions())
  }

  async init(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

function notForQuestions(): TypeError {
  return new TypeError('questions neither stream nor begin transactions')
}
