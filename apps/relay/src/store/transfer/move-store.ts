import { dirname, resolve } from 'node:path'
import { AppError } from '@parley/errors'
import { lockFolder } from '@parley/service-kit'
import { createConnection } from 'mysql2'
import type { Connection } from 'mysql2'
import type { Connection as PromiseConnection } from 'mysql2/promise'
import { mysqlAddress } from '../mysql/connect.ts'
import { lockTables, migrateMysql, unfinishedMove } from '../mysql/migrate.ts'
import { migrate, openDatabase } from '../sqlite/open-database.ts'
import type { Sqlite } from '../sqlite/open-database.ts'
import { compareStores } from './compare-stores.ts'
import type { Agreement } from './compare-stores.ts'
import { copyTables, rowsThere } from './copy-tables.ts'
import type { Progress } from './copy-tables.ts'

/** What is moved where. */
export interface MoveRequest {
  /** The file `myim.sqlite` of a relay that does not run. */
  readonly from: string
  /** mysql://user:password@host:port/database; made if missing, and empty. */
  readonly to: string
  readonly progress?: Progress
  /** Called when all is copied and the comparison begins. */
  readonly comparing?: () => void
}

/**
 * Copies a SQLite store to MariaDB and compares both; the file stays as it is. No relay can start on
 * either while it lasts, nor on a target where it was interrupted. Throws `AppError`: FOLDER_IN_USE,
 * TARGET_NOT_EMPTY, or what the databases say.
 */
export async function moveStore(request: MoveRequest): Promise<Agreement> {
  const lock = lockFolder(dirname(resolve(request.from)))
  try {
    const db = openDatabase({ file: request.from, mustExist: true })
    try {
      // An older file gets the tables that it lacks.
      migrate(db)
      return await moveInto(db, request)
    } finally {
      db.close()
    }
  } finally {
    lock.release()
  }
}

async function moveInto(db: Sqlite, request: MoveRequest): Promise<Agreement> {
  await migrateMysql(request.to)
  const { database, server } = mysqlAddress(request.to)
  const connection = createConnection({ ...server, database })
  // Told by the statement that is under way.
  connection.on('error', () => undefined)
  try {
    return await copyAndCompare(db, connection, request)
  } finally {
    connection.destroy()
  }
}

async function copyAndCompare(
  db: Sqlite,
  connection: Connection,
  { progress, comparing }: MoveRequest,
): Promise<Agreement> {
  const target = connection.promise()
  await lockTables(target)
  await refuseFilled(db, target)
  await target.query(`create table ${unfinishedMove} (begun_at timestamp)`)
  await copyTables(db, target, progress)
  comparing?.()
  const agreement = await compareStores(db, connection)
  await target.query(`drop table ${unfinishedMove}`)
  return agreement
}

async function refuseFilled(db: Sqlite, target: PromiseConnection): Promise<void> {
  const rows = await rowsThere(db, target)
  if (rows === 0) return
  const message = `the target database holds ${rows} rows already; an empty one is needed`
  throw new AppError('conflict', 'TARGET_NOT_EMPTY', message)
}
