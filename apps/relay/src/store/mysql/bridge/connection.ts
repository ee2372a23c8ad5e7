import type { Socket } from 'node:net'
import { createConnection } from 'mysql2/promise'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { mysqlAddress } from '../connect.ts'
import type { WriterLimits } from '../writer-limits.ts'

/** A step of making a connection that takes longer ends the attempt. */
const connectMs = 4_000

// Without gap locks; a value that does not fit is an error, and a backslash escapes.
const settings = [
  'set session transaction isolation level read committed',
  `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'`,
]
const unknownSetting = 1193

/** The connection of a writer, and where the server sees it come from. */
export interface WriterConnection {
  readonly connection: Connection
  readonly id: number
  readonly localPort: number | undefined
}

/** Connects and settles how the session works. */
export async function connectWriter(url: string, limits: WriterLimits): Promise<WriterConnection> {
  const { lockWaitSeconds, idleTransactionSeconds } = limits
  const { database, server } = mysqlAddress(url)
  const connection = await createConnection({
    ...server,
    database,
    connectTimeout: connectMs,
    supportBigNumbers: true,
    decimalNumbers: true,
    // Statements of one hop travel in one packet; every parameter is written by `sqlText`.
    multipleStatements: true,
  })
  // Told by the statement that is under way, or by the next one.
  connection.on('error', () => undefined)
  try {
    const set = (sql: string) => connection.query({ sql, timeout: connectMs })
    for (const sql of settings) await set(sql)
    await set(`set session innodb_lock_wait_timeout = ${lockWaitSeconds}`)
    await set(`set session idle_transaction_timeout = ${idleTransactionSeconds}`).catch(
      async (error: unknown) => {
        if (!isNumbered(error) || error.errno !== unknownSetting) throw error
        // Only MariaDB can tell an idle transaction from an idle connection.
        await set(`set session wait_timeout = ${idleTransactionSeconds}`)
      },
    )
  } catch (error) {
    cutOff(connection)
    throw error
  }
  return { connection, id: connection.threadId ?? 0, localPort: localPortOf(connection) }
}

/**
 * Ends what is left of a lost connection, so that the rows it holds are free. Numbers of connections
 * begin anew when the server does: only one that comes from the same place is the same.
 */
export async function killLost(
  { connection }: WriterConnection,
  { id, localPort }: WriterConnection,
): Promise<void> {
  if (id === 0 || localPort === undefined) return
  const sql = `select id from information_schema.processlist
    where id = ${id} and host like '%:${localPort}'`
  const [found] = await connection.query<RowDataPacket[]>({ sql, timeout: connectMs })
  if (found.length > 0) await connection.query({ sql: `kill ${id}`, timeout: connectMs })
}

interface Numbered extends Error {
  readonly errno: number
}

function isNumbered(error: unknown): error is Numbered {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
}

/** Ends a connection and what is under way on it at once, whether the server hears of it or not. */
export function cutOff(connection: Connection): void {
  const socket = socketOf(connection)
  // The driver's own way only says goodbye, and would wait for answers for as long as the kernel does.
  if (socket === undefined) connection.destroy()
  else socket.destroy()
}

function localPortOf(connection: Connection): number | undefined {
  return socketOf(connection)?.localPort
}

// The typings leave it out.
function socketOf(connection: Connection): Socket | undefined {
  const { connection: inner } = connection as unknown as { connection?: { stream?: Socket } }
  return inner?.stream
}
