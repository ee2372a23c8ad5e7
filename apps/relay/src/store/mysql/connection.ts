import { AppError } from '@parley/errors'
import { createConnection } from 'mysql2/promise'
import type { Connection, QueryOptions } from 'mysql2/promise'
import { mysqlAddress } from './connect.ts'

/** A statement that takes longer is given up, its connection with it. */
const statementMs = 6_000

// Each statement reads what is committed when it begins, however the server is set.
const sessionSettings = [
  'set session transaction isolation level read committed',
  "set session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
]

/** A row by the names of its columns. */
type Row = Record<string, unknown>

/** A connection for reading. */
export interface ReadConnection {
  /** False when it is of no use any more. */
  readonly isOpen: boolean
  rows(sql: string, params: readonly unknown[]): Promise<Row[]>
  /** The first column of all rows; bytes are parts of the answer's memory. */
  column(sql: string, params: readonly unknown[]): Promise<Uint8Array[]>
  close(): void
}

/** Connects; throws `AppError` unavailable STORE_UNAVAILABLE. */
export async function openReadConnection(url: string): Promise<ReadConnection> {
  const { database, server } = mysqlAddress(url)
  const connection = await createConnection({ ...server, database }).catch((error: unknown) => {
    throw unavailable(error)
  })
  let isOpen = true
  const close = () => {
    isOpen = false
    connection.destroy()
  }
  connection.on('error', close)
  connection.on('end', close)
  const ask = async (options: QueryOptions) => {
    try {
      return await answerOf(connection, options)
    } catch (error) {
      if (!isRefusal(error)) close()
      throw isRefusal(error) ? error : unavailable(error)
    }
  }
  for (const sql of sessionSettings) await ask({ sql })
  return {
    get isOpen() {
      return isOpen
    },
    rows: async (sql, values) =>
      ((await ask({ sql, values: valuesOf(values) })) as Row[]).map(withOwnBytes),
    async column(sql, values) {
      const found = (await ask({ sql, values: valuesOf(values), rowsAsArray: true })) as [
        Uint8Array,
      ][]
      return found.map(([value]) => value)
    },
    close,
  }
}

async function answerOf(connection: Connection, options: QueryOptions): Promise<unknown> {
  const [answer] = await connection.query({ ...options, timeout: statementMs })
  return answer
}

/** What a server says before it goes: too many connections, shutdown, interrupted, killed. */
const goingErrors = new Set([1040, 1053, 1317, 1927])

/** True when the server itself said no to the statement: a bug, and the connection is fine. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('sqlState' in error)) return false
  const isGoing = 'errno' in error && goingErrors.has(Number(error.errno))
  return !isGoing && !('fatal' in error && error.fatal === true)
}

function unavailable(cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  return new AppError('unavailable', 'STORE_UNAVAILABLE', `the database is away: ${code}`, {
    cause,
  })
}

// What the driver gives are parts of the packet that brought them, and would keep it.
function withOwnBytes(row: Row): Row {
  for (const [name, value] of Object.entries(row)) {
    if (value instanceof Uint8Array) row[name] = new Uint8Array(value)
  }
  return row
}

function valuesOf(params: readonly unknown[]): NonNullable<QueryOptions['values']> {
  return [...params] as NonNullable<QueryOptions['values']>
}
