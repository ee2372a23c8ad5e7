import { AppError } from '@parley/errors'
import { createConnection } from 'mysql2/promise'
import type { QueryOptions } from 'mysql2/promise'
import { cutOff } from './bridge/connection.ts'
import { mysqlAddress } from './connect.ts'

/** A statement that takes longer is given up, its connection with it, and the server stops it. */
const readMs = 6_000

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
export async function openReadConnection(
  url: string,
  statementMs: number = readMs,
): Promise<ReadConnection> {
  const { database, server } = mysqlAddress(url)
  const connection = await createConnection({ ...server, database }).catch((error: unknown) => {
    throw unavailable(error)
  })
  let isOpen = true
  const close = () => {
    isOpen = false
    cutOff(connection)
  }
  connection.on('error', close)
  connection.on('end', close)
  const ask = async (options: QueryOptions) => {
    try {
      const [answer] = await connection.query({ ...options, timeout: statementMs })
      return answer as unknown
    } catch (error) {
      if (!isRefusal(error)) close()
      throw isRefusal(error) ? error : unavailable(error)
    }
  }
  try {
    for (const sql of sessionSettings) await ask({ sql })
    await limitStatements(ask, statementMs)
  } catch (error) {
    close()
    throw error
  }
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

const unknownSetting = 1193

/** A statement whose reader is gone would go on at the server, and a new one run beside it. */
async function limitStatements(
  ask: (options: QueryOptions) => Promise<unknown>,
  statementMs: number,
): Promise<void> {
  const sql = `set session max_statement_time = ${statementMs / 1_000}`
  await ask({ sql }).catch(async (error: unknown) => {
    if (errnoOf(error) !== unknownSetting) throw error
    // So it is called by MySQL.
    await ask({ sql: `set session max_execution_time = ${statementMs}` })
  })
}

/** What a server says before it goes: too many connections, shutdown, interrupted, killed. */
const goingErrors = [1040, 1053, 1317, 1927]
/** What MariaDB and MySQL say of a statement that took too long. */
const tooLongErrors = [1969, 3024]
const notRefusals = new Set<number | undefined>([...goingErrors, ...tooLongErrors])

/** True when the server itself said no to the statement: a bug, and the connection is fine. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('sqlState' in error)) return false
  return !notRefusals.has(errnoOf(error)) && !('fatal' in error && error.fatal === true)
}

function errnoOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errno' in error)) return undefined
  return typeof error.errno === 'number' ? error.errno : undefined
}

/** True when an answer was waited for as long as is allowed, by whichever side noticed first. */
export function isTooLong(error: unknown): boolean {
  if (tooLongErrors.includes(errnoOf(error) ?? 0)) return true
  return error instanceof Error && 'code' in error && error.code === 'PROTOCOL_SEQUENCE_TIMEOUT'
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
