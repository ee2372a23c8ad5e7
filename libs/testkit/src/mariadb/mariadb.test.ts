import { existsSync } from 'node:fs'
import { createConnection } from 'mysql2/promise'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { tempFolder } from '../temp-folder.ts'
import { startMariadb } from './mariadb.ts'
import type { Mariadb, MariadbOptions } from './mariadb.ts'

async function setup(options?: MariadbOptions): Promise<Mariadb> {
  const mariadb = await startMariadb(options)
  onTestFinished(() => mariadb.close())
  return mariadb
}

async function query(mariadb: Mariadb, sql: string): Promise<unknown> {
  const connection = await createConnection(mariadb.url('mysql'))
  try {
    const [rows] = await connection.query(sql)
    return rows
  } finally {
    connection.destroy()
  }
}

test('a MariaDB of a test keeps what was committed through kill, stop and start', async () => {
  const mariadb = await setup()
  await query(mariadb, 'create database kept')
  await query(mariadb, 'create table kept.numbers (n int primary key)')
  await query(mariadb, 'insert into kept.numbers values (7)')
  const { pid } = mariadb
  await mariadb.kill()
  await expect(query(mariadb, 'select 1')).rejects.toThrow()
  await mariadb.start()
  expect(mariadb.pid).not.toBe(pid)
  await query(mariadb, 'insert into kept.numbers values (8)')
  await mariadb.stop()
  await mariadb.start()
  expect(await query(mariadb, 'select n from kept.numbers')).toEqual([{ n: 7 }, { n: 8 }])
})

test('while it is paused it answers nothing, afterwards it does', async () => {
  const mariadb = await setup()
  mariadb.pause()
  let answered = false
  const answer = query(mariadb, 'select 1 as one').then((rows) => ((answered = true), rows))
  await expect(eventually(() => answered, { timeoutMs: 300 })).rejects.toThrow('still false')
  mariadb.resume()
  expect(await answer).toEqual([{ one: 1 }])
})

test('it leaves nothing behind, but a folder that it was given', async () => {
  const own = await setup()
  await own.close()
  expect(existsSync(own.folder)).toBe(false)
  const folder = await tempFolder()
  const first = await setup({ folder })
  await query(first, 'create database kept')
  await first.close()
  const second = await setup({ folder })
  expect(await query(second, "show databases like 'kept'")).toHaveLength(1)
})

test('fresh names are different ones, and a missing program is said', async () => {
  const mariadb = await setup()
  expect(mariadb.freshUrl()).not.toBe(mariadb.freshUrl())
  await expect(startMariadb({ programFolders: ['/nowhere'] })).rejects.toThrow(
    'install mariadb-server-core',
  )
})
