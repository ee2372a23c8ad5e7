import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { lockFolder } from '@parley/service-kit'
import { tempFolder } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { createConnection } from 'mysql2'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { busyWorld } from '../../testing/busy-world.ts'
import { mysqlAddress } from '../mysql/connect.ts'
import { migrateMysql } from '../mysql/migrate.ts'
import { openMysqlJournal } from '../mysql/mysql-journal.ts'
import { openDatabase } from '../sqlite/open-database.ts'
import { logReader } from '../sqlite/read-log.ts'
import { compareStores } from './compare-stores.ts'
import { moveStore } from './move-store.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

/** The file of a relay that has served a busy world, and an address where nothing is yet. */
async function setup() {
  const busy = await busyWorld(7, 200)
  const folder = await tempFolder()
  const from = join(folder, 'myim.sqlite')
  busy.world.db.exec(`vacuum into '${from}'`)
  return { ...busy, folder, from, to: mariadb.freshUrl() }
}

function connected(to: string) {
  const { database, server } = mysqlAddress(to)
  const target = createConnection({ ...server, database })
  onTestFinished(() => target.destroy())
  return target
}

describe('moving a store', () => {
  test('brings every row, and the log goes on with the next number', async () => {
    const { from, to, world, users, conversations } = await setup()
    const moved = await moveStore({ from, to })
    expect(moved.logs).toBeGreaterThan(5)
    expect(moved.entries).toBeGreaterThan(100)
    const journal = await openMysqlJournal({ url: to, events: silent })
    onTestFinished(() => journal.close())
    const readSqlite = logReader(world.db)
    for (const id of conversations) {
      const conversation = world.conversation(id)
      const run = await journal.readLog(conversation, 1, 1e6, 1e9)
      expect(Buffer.compare(run.packed, readSqlite(conversation, 1, 1e6, 1e9).packed)).toBe(0)
    }
    const [ann, bob] = users
    const group = { user: ann!.user, title: 'after', open: true, userIds: [bob!.userId] }
    const [made] = await journal.commit([{ name: 'createGroup', input: group }])
    expect(made).toMatchObject({ ok: true })
  })

  test('is refused while a relay has the folder', async () => {
    const { folder, from, to } = await setup()
    const lock = lockFolder(folder)
    onTestFinished(() => lock.release())
    await expect(moveStore({ from, to })).rejects.toMatchObject({ reason: 'FOLDER_IN_USE' })
  })

  test('is refused where something is already, and makes no file where there is none', async () => {
    const { folder, from, to } = await setup()
    await moveStore({ from, to })
    await expect(moveStore({ from, to })).rejects.toMatchObject({ reason: 'TARGET_NOT_EMPTY' })
    await migrateMysql(to)
    const nothing = moveStore({ from: join(folder, 'none.sqlite'), to: mariadb.freshUrl() })
    await expect(nothing).rejects.toThrow('unable to open database file')
  })

  test('that was interrupted keeps relays away until the database is dropped', async () => {
    const { from, to } = await setup()
    const progress = (table: string) => {
      if (table === 'messages') throw new Error('interrupted')
    }
    await expect(moveStore({ from, to, progress })).rejects.toThrow('interrupted')
    const drop = 'a move into this database was interrupted: drop it, and move again'
    await expect(migrateMysql(to)).rejects.toThrow(drop)
    await expect(moveStore({ from, to })).rejects.toThrow(drop)
    const target = connected(to)
    await target.promise().query(`drop database ${mysqlAddress(to).database}`)
    expect((await moveStore({ from, to })).entries).toBeGreaterThan(0)
  })
})

describe('the comparison', () => {
  const damages: readonly (readonly [string, string])[] = [
    ['a changed byte of an entry', "update messages set entry = concat(entry, 'x') where id = 40"],
    [
      'another number of an id',
      'update messages set client_id = null where client_id is not null limit 1',
    ],
    ['a missing entry', 'delete from messages where id = 50'],
    [
      'a foreign log',
      "insert into messages values (null, 9999, 1, 0, null, null, 1, null, 0, 'x')",
    ],
    ['a changed name', "update users set nickname = 'else' where id = 2"],
    ['a missing member', 'delete from members limit 1'],
  ]
  test('finds a difference wherever it is', async () => {
    const { from, to } = await setup()
    await moveStore({ from, to })
    const target = connected(to)
    const db = openDatabase({ file: from, readonly: true })
    onTestFinished(() => void db.close())
    for (const [what, damage] of damages) {
      expect((await compareStores(db, target)).logs).toBeGreaterThan(5)
      await target.promise().beginTransaction()
      await target.promise().query(damage)
      const found = await compareStores(db, target).catch((error: unknown) => String(error))
      expect(found, `of ${what}`).toMatch(/differs|rows there/)
      await target.promise().rollback()
    }
  }, 60_000)
})

test('the program takes its request from stdin and says in lines what it does', async () => {
  const { from, to } = await setup()
  const run = async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin.end(JSON.stringify({ from, to }))
    const said = (await text(child.stdout)).trimEnd().split('\n')
    return said.map((line) => JSON.parse(line) as { type: string; reason?: string })
  }
  const lines = await run()
  expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['copied', 'comparing', 'moved']))
  expect(lines.at(-1)).toMatchObject({ type: 'moved', logs: expect.any(Number) as number })
  expect(await run()).toMatchObject([{ type: 'failed', reason: 'TARGET_NOT_EMPTY' }])
}, 60_000)

const silent = {
  failed: () => undefined,
  lost: () => undefined,
  fatal: () => undefined,
  waiting: () => undefined,
  warned: () => undefined,
}
