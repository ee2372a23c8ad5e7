import { createConnection } from 'mysql2/promise'
import { onTestFinished } from 'vitest'
import { mysqlAddress } from '../store/mysql/connect.ts'
import { migrateMysql } from '../store/mysql/migrate.ts'
import { openMysqlReader } from '../store/mysql/reader.ts'
import type { MysqlReader } from '../store/mysql/reader.ts'
import { copyTables } from '../store/transfer/copy-tables.ts'
import type { World } from './world.ts'

/** Copies a world's database to MariaDB and reads it there; for the current test. */
export async function mirrored({ db }: World, url: string): Promise<MysqlReader> {
  await migrateMysql(url)
  const { database, server } = mysqlAddress(url)
  const connection = await createConnection({ ...server, database })
  await copyTables(db, connection)
  connection.destroy()
  const reader = openMysqlReader(url)
  onTestFinished(() => reader.close())
  return reader
}
