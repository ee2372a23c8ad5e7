/** What a statement can be given. */
export type Param = number | string | Uint8Array | null

/** A statement with a `?` for each parameter. */
export interface Statement {
  readonly sql: string
  readonly params?: readonly Param[]
}

/** What a statement came to. */
export interface StatementResult {
  readonly rows: readonly unknown[]
  readonly insertId: number
  readonly affectedRows: number
}

/** One connection, used synchronously. Blobs come back as Uint8Array, numbers as numbers below 2^53. */
export interface MysqlSession {
  /** The rows of a select. Throws `MysqlError`. */
  all<Row>(sql: string, params?: readonly Param[]): Row[]
  /** Carries a change out. Throws `MysqlError`. */
  run(sql: string, params?: readonly Param[]): StatementResult
  /** Several statements in one hop to the other thread; those after one that fails are not run. */
  many(statements: readonly Statement[]): readonly StatementResult[]
}
