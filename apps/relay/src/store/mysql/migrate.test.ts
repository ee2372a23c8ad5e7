import { createConnection } from 'mysql2/promise'
import type { Connection } from 'mysql2/promise'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { registered } from '../../testing/journal-cast.ts'
import { migrate, openDatabase } from '../sqlite/open-database.ts'
import { mysqlAddress } from './connect.ts'
import { migrateMysql } from './migrate.ts'
import { openMysqlJournal } from './mysql-journal.ts'
import { mysqlMigrations } from './migrations/index.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

async function connected(url: string): Promise<Connection> {
  const { database, server } = mysqlAddress(url)
  const connection = await createConnection({ ...server, database })
  onTestFinished(() => connection.destroy())
  return connection
}

async function migrated(): Promise<{ url: string; connection: Connection }> {
  const url = mariadb.freshUrl()
  expect(await migrateMysql(url)).toEqual([])
  return { url, connection: await connected(url) }
}

async function rows(connection: Connection, sql: string): Promise<unknown[]> {
  const [found] = await connection.query({ sql, rowsAsArray: true })
  return found as unknown[]
}

async function columnsIn(connection: Connection): Promise<string[]> {
  const found = await rows(
    connection,
    `select concat(table_name, '.', column_name) from information_schema.columns
     where table_schema = database() and table_name != 'migrations' and extra not like '%GENERATED%'`,
  )
  return found.flat().map(String).toSorted()
}

function columnsInSqlite(): string[] {
  const db = openDatabase({ file: ':memory:' })
  migrate(db)
  return db
    .prepare(
      `select t.name || '.' || c.name from pragma_table_list t, pragma_table_info(t.name) c
       where t.schema = 'main' and t.name not like 'sqlite%'`,
    )
    .pluck()
    .all()
    .map(String)
    .toSorted()
}

test('the first start makes the database, with the tables and columns that SQLite has', async () => {
  const { connection } = await migrated()
  expect(await columnsIn(connection)).toEqual(columnsInSqlite())
  const charsets = await rows(
    connection,
    `select distinct default_character_set_name, default_collation_name
     from information_schema.schemata where schema_name = database() union
     select character_set_name, collation_name from information_schema.columns
     where table_schema = database() and character_set_name is not null`,
  )
  expect(charsets).toEqual([['utf8mb4', 'utf8mb4_bin']])
})

test('four starters at once do not collide, and each finds the tables', async () => {
  const url = mariadb.freshUrl()
  await Promise.all(Array.from({ length: 4 }, () => migrateMysql(url)))
  const connection = await connected(url)
  expect(await rows(connection, 'select number from migrations')).toEqual(
    mysqlMigrations.map((_, index) => [index + 1]),
  )
})

test('a start that was interrupted half way is completed by the next', async () => {
  const { url, connection } = await migrated()
  await connection.query('insert into search_progress values (1, 7)')
  for (const gone of ['messages', 'requests', 'leases'])
    await connection.query(`drop table ${gone}`)
  await connection.query('delete from migrations')
  await migrateMysql(url)
  expect(await columnsIn(connection)).toEqual(columnsInSqlite())
  expect(await rows(connection, 'select last_message from search_progress')).toEqual([[7]])
})

test('no migration says what MariaDB alone understands', () => {
  const alone = /\b(column|index|key)\s+if\s+(not\s+)?exists\b|\breturning\b/iu
  expect(mysqlMigrations.flat().filter((statement) => alone.test(statement))).toEqual([])
})

test('tables of a newer version are left alone', async () => {
  const { url, connection } = await migrated()
  await connection.query('insert into migrations values (99, 0)')
  await expect(migrateMysql(url)).rejects.toThrow('a newer version of Parley')
})

test('a server that does not sync its commits is warned of', async () => {
  const { url, connection } = await migrated()
  await connection.query('set global innodb_flush_log_at_trx_commit = 2')
  onTestFinished(async () => {
    await (await connected(url)).query('set global innodb_flush_log_at_trx_commit = 1')
  })
  expect(await migrateMysql(url)).toEqual([expect.stringContaining('a power cut can take')])
})

test('Chinese, emoji, accents and case are kept and told apart', async () => {
  const { connection } = await migrated()
  const names = ['小明', '👩‍👩‍👧', 'zoe', 'zoé', 'zoe\u0301', 'Zoe', 'straße', 'strasse']
  const columns = 'public_id, name, name_key, skeleton, password, notices, created_at_ms'
  for (const [index, name] of names.entries()) {
    await connection.query(`insert into users (${columns}) values (?, ?, ?, ?, '', 0, 0)`, [
      Buffer.alloc(16, index),
      name,
      name,
      name,
    ])
  }
  for (const name of names) {
    const [found] = await connection.query({
      sql: 'select name from users where name_key = ? and skeleton = ?',
      values: [name, name],
      rowsAsArray: true,
    })
    expect(found).toEqual([[name]])
  }
})

test('one stay at a time: a second one is refused until the first has ended', async () => {
  const { connection } = await migrated()
  const stay = (joined: number) =>
    connection.query(
      `insert into members (conversation, user, joined_seq, role, joined_at_ms)
       values (1, 1, ${joined}, 1, 0)`,
    )
  await stay(1)
  await expect(stay(5)).rejects.toMatchObject({ errno: 1062 })
  await connection.query('update members set left_seq = 4')
  await stay(5)
  await connection.query('update members set left_seq = 9 where left_seq is null')
  await stay(12)
})

test('a user who has the rights that the documents name, and no others, is enough', async () => {
  const admin = await connected(mariadb.url('mysql'))
  await admin.query("create user small@'127.0.0.1' identified by 'secret'")
  const rights = 'create, alter, drop, index, select, insert, update, delete'
  await admin.query(`grant ${rights} on small_myim.* to small@'127.0.0.1'`)
  const url = `mysql://small:secret@127.0.0.1:${mariadb.port}/small_myim`
  expect(await migrateMysql(url)).toEqual([])
  const nothing = () => undefined
  const events = {
    failed: nothing,
    lost: nothing,
    fatal: nothing,
    waiting: nothing,
    warned: nothing,
  }
  const journal = await openMysqlJournal({ url, events })
  onTestFinished(() => journal.close())
  const ann = await registered(journal, 'ann')
  expect(await journal.ask('usersPage', { nameKey: '', afterKey: '', limit: 9 })).toMatchObject([
    { name: ann.name },
  ])
})

test('TLS that was asked for is not gone without', async () => {
  await expect(migrateMysql(`${mariadb.freshUrl()}?ssl=on`)).rejects.toMatchObject({
    code: 'HANDSHAKE_NO_SSL_SUPPORT',
  })
})

test('an address names server, user and database, `myim` unless told', () => {
  expect(mysqlAddress('mysql://us%40er:p%2Fw@db.example:3307/chat')).toMatchObject({
    database: 'chat',
    server: { host: 'db.example', port: 3307, user: 'us@er', password: 'p/w' },
  })
  expect(mysqlAddress('mariadb://u@[::1]')).toMatchObject({
    database: 'myim',
    server: { host: '::1', port: 3306 },
  })
  expect(() => mysqlAddress('postgres://u@h/d')).toThrow('not a mysql:// address')
  expect(() => mysqlAddress('mysql://u@h/a%60b')).toThrow('a database name')
  expect(mysqlAddress('mysql://u@h/d?ssl=on').server).toMatchObject({
    ssl: { verifyIdentity: true },
  })
  expect(mysqlAddress('mysql://u@h/d?ssl=off').server).not.toHaveProperty('ssl')
  for (const ssl of ['ssl=true', 'ssl=1', 'ssl=', 'ssl=ON', 'sslmode=require', 'tls=on']) {
    expect(() => mysqlAddress(`mysql://u@h/d?${ssl}`)).toThrow(TypeError)
  }
})
