import { createServer } from 'node:net'
import { systemScheduler } from '@parley/service-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import { createConnection } from 'mysql2/promise'
import type { RowDataPacket } from 'mysql2/promise'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mysqlAddress } from './connect.ts'
import { openReadConnection } from './connection.ts'
import type { ReadConnection } from './connection.ts'
import { migrateMysql } from './migrate.ts'
import { ReadPool } from './read-pool.ts'
import { openMysqlReader } from './reader.ts'
import type { MysqlReader } from './reader.ts'

const away = { kind: 'unavailable', reason: 'STORE_UNAVAILABLE' }
const ask = (reader: MysqlReader) =>
  reader.ask('usersPage', { nameKey: '', afterKey: '', limit: 1 })

async function setup() {
  const mariadb = await startMariadb()
  onTestFinished(() => mariadb.close())
  const url = mariadb.freshUrl()
  await migrateMysql(url)
  const reader = openMysqlReader(url)
  onTestFinished(() => reader.close())
  expect(await ask(reader)).toEqual([])
  return { mariadb, reader }
}

/** Connections whose statements end when the test says so. */
function held(bounds: { connections: number; waiting: number; waitMs: number }) {
  const scheduler = new FakeScheduler()
  let connected = 0
  let open = 0
  const connection = (): ReadConnection => ({
    isOpen: true,
    rows: () => Promise.resolve([]),
    column: () => Promise.resolve([]),
    close: () => void (open -= 1),
  })
  const connect = () => {
    connected += 1
    open += 1
    return Promise.resolve(connection())
  }
  const pool = new ReadPool(connect, scheduler, bounds)
  const ends: (() => void)[] = []
  const run = () => pool.run(() => new Promise<void>((resolve) => ends.push(resolve)))
  return { scheduler, pool, run, ends, counts: () => ({ connected, open }) }
}

describe('the pool', () => {
  test('has so many connections, lets so many questions wait, and refuses the next as BUSY', async () => {
    const { run, ends, counts } = held({ connections: 2, waiting: 3, waitMs: 1_000 })
    const running = [run(), run()]
    await eventually(() => expect(ends).toHaveLength(2))
    const waiting = [run(), run(), run()]
    await expect(run()).rejects.toMatchObject({ kind: 'exhausted', reason: 'BUSY' })
    expect(counts()).toEqual({ connected: 2, open: 2 })
    for (let ended = 0; ended < 5; ended += 1) {
      await eventually(() => expect(ends.length).toBeGreaterThan(0))
      ends.shift()?.()
    }
    await Promise.all([...running, ...waiting])
    expect(counts()).toEqual({ connected: 2, open: 2 })
  })

  test('lets nobody wait longer than that', async () => {
    const { scheduler, run, ends } = held({ connections: 1, waiting: 3, waitMs: 1_000 })
    const first = run()
    await eventually(() => expect(ends).toHaveLength(1))
    const late = run().catch((error: unknown) => error)
    await scheduler.advance(1_000)
    expect(await late).toMatchObject(away)
    ends.shift()?.()
    await first
  })

  test('refuses at its close what waits and what comes later, and closes every connection', async () => {
    const { pool, run, ends, counts } = held({ connections: 1, waiting: 3, waitMs: 1_000 })
    const first = run()
    await eventually(() => expect(ends).toHaveLength(1))
    const closed = { reason: 'STORE_CLOSED' }
    const waiting = run().catch((error: unknown) => error)
    pool.close()
    expect(await waiting).toMatchObject(closed)
    await expect(run()).rejects.toMatchObject(closed)
    ends.shift()?.()
    await first
    expect(counts().open).toBe(0)
  })
})

describe('reading', () => {
  test('fails at once while the database is gone, and goes on when it is back', async () => {
    const { mariadb, reader } = await setup()
    await mariadb.kill()
    const beganMs = performance.now()
    const many = await Promise.allSettled(Array.from({ length: 30 }, () => ask(reader)))
    expect(performance.now() - beganMs).toBeLessThan(5_500)
    for (const each of many) expect(each).toMatchObject({ status: 'rejected', reason: away })
    await mariadb.start()
    expect(await ask(reader)).toEqual([])
  })

  test('does not notice a restart between two questions', async () => {
    const { mariadb, reader } = await setup()
    await Promise.all(Array.from({ length: 8 }, () => ask(reader)))
    await mariadb.kill()
    await mariadb.start()
    const many = await Promise.all(Array.from({ length: 20 }, () => ask(reader)))
    expect(many).toHaveLength(20)
  })

  test('gives a question up after 6 s when the database has stopped, and asks on new connections', async () => {
    const { mariadb, reader } = await setup()
    mariadb.pause()
    const beganMs = performance.now()
    await expect(ask(reader)).rejects.toMatchObject(away)
    expect(performance.now() - beganMs).toBeLessThan(30_000)
    mariadb.resume()
    expect(await ask(reader)).toEqual([])
  })

  test('leaves no statement that it gave up running at the server', async () => {
    const mariadb = await startMariadb()
    onTestFinished(() => mariadb.close())
    const url = mariadb.freshUrl()
    await migrateMysql(url)
    const watcher = await createConnection(mysqlAddress(url).server)
    onTestFinished(() => watcher.end())
    const connection = await openReadConnection(url, 500)
    // Unlike one that sleeps, it does not look whether anybody waits for it.
    const table = 'information_schema.collations'
    const busy = `select count(*) from ${table} a, ${table} b, ${table} c, ${table} d, ${table} e`
    await expect(connection.rows(busy, [])).rejects.toMatchObject(away)
    expect(connection.isOpen).toBe(false)
    await eventually(async () => {
      const sql = 'select id from information_schema.processlist where info = ?'
      expect((await watcher.query<RowDataPacket[]>(sql, [busy]))[0]).toEqual([])
    })
  })

  test('gives up connecting to what accepts and says nothing', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const reader = openMysqlReader(`mysql://u:p@127.0.0.1:${port}/x`)
    onTestFinished(() => reader.close())
    const beganMs = systemScheduler.monotonic()
    await expect(ask(reader)).rejects.toMatchObject(away)
    expect(systemScheduler.monotonic() - beganMs).toBeLessThan(30_000)
  })
})
