import { createConnection } from 'mysql2/promise'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { mysqlAddress } from './connect.ts'
import { mysqlMigrations } from './migrations/index.ts'

/** How long another relay that is at it is waited for. */
const lockSeconds = 60
/** A statement that takes longer is given up, the start with it. */
const statementMs = 120_000
/** What MariaDB and MySQL call these. */
const [unknownDatabase, duplicateColumn, duplicateIndex] = [1049, 1060, 1061]

/**
 * Makes the database and its tables, or brings them up to date; harmless when several start at once
 * and when interrupted. Returns warnings about how the server is set, in words.
 */
export async function migrateMysql(url: string): Promise<readonly string[]> {
  const { database, server } = mysqlAddress(url)
  const connection = await createConnection(server)
  // Told by the statement that is under way.
  connection.on('error', () => undefined)
  try {
    await enter(connection, database)
    await lockTables(connection)
    await refuseUnfinishedMove(connection)
    await bringUpToDate(connection)
    return await warningsOf(connection)
  } finally {
    connection.destroy()
  }
}

// Whoever may not create databases may still use one that is there.
async function enter(connection: Connection, database: string): Promise<void> {
  const use = () => run(connection, `use \`${database}\``)
  try {
    await use()
  } catch (error) {
    if (!isNumber(error, unknownDatabase)) throw error
    const set = 'character set utf8mb4 collate utf8mb4_bin'
    await run(connection, `create database if not exists \`${database}\` ${set}`)
    await use()
  }
}

/** Keeps relays from starting, and others from changing the tables, until the connection ends. */
export async function lockTables(connection: Connection): Promise<void> {
  const [row] = await rows<{ got: number | null }>(
    connection,
    `select get_lock('parley.migrate', ${lockSeconds}) as got`,
  )
  if (row?.got !== 1) throw new Error('another relay has been changing the tables for a minute')
}

/** A table that is there while a store is being moved here, and stays when that was interrupted. */
export const unfinishedMove = 'unfinished_move'

async function refuseUnfinishedMove(connection: Connection): Promise<void> {
  const sql = `select 1 as found from information_schema.tables
    where table_schema = database() and table_name = '${unfinishedMove}'`
  if ((await rows(connection, sql)).length === 0) return
  throw new Error('a move into this database was interrupted: drop it, and move again')
}

async function bringUpToDate(connection: Connection): Promise<void> {
  await run(
    connection,
    `create table if not exists migrations (
      number int not null primary key, applied_at_ms bigint not null
    ) engine = InnoDB`,
  )
  const sql = 'select count(*) as done from migrations'
  const done = Number((await rows<{ done: number }>(connection, sql))[0]?.done ?? 0)
  if (done > mysqlMigrations.length) {
    throw new Error('the database was written by a newer version of Parley')
  }
  for (const [index, statements] of mysqlMigrations.entries()) {
    if (index < done) continue
    for (const statement of statements) await change(connection, statement)
    const now = 'floor(unix_timestamp(now(3)) * 1000)'
    await run(connection, `insert into migrations values (${index + 1}, ${now})`)
  }
}

// Whether a column or an index is there already only MariaDB can be asked in the statement itself.
async function change(connection: Connection, statement: string): Promise<void> {
  try {
    await run(connection, statement)
  } catch (error) {
    if (!isNumber(error, duplicateColumn) && !isNumber(error, duplicateIndex)) throw error
  }
}

interface Settings {
  readonly flush: number
  readonly charset: string
}

async function warningsOf(connection: Connection): Promise<string[]> {
  const [settings] = await rows<Settings>(
    connection,
    `select @@innodb_flush_log_at_trx_commit as flush, @@character_set_database as charset`,
  )
  const warnings: string[] = []
  if (settings?.flush !== 1) {
    warnings.push(
      'innodb_flush_log_at_trx_commit is not 1: a power cut can take acknowledged messages away',
    )
  }
  if (settings?.charset !== 'utf8mb4') {
    warnings.push('the database was not made with utf8mb4; its tables are, nothing is lost')
  }
  return warnings
}

async function run(connection: Connection, sql: string): Promise<void> {
  await connection.query({ sql, timeout: statementMs })
}

async function rows<Row>(connection: Connection, sql: string): Promise<Row[]> {
  const [found] = await connection.query<RowDataPacket[]>({ sql, timeout: statementMs })
  return found as Row[]
}

function isNumber(error: unknown, errno: number): boolean {
  return error instanceof Error && 'errno' in error && error.errno === errno
}
