import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { migrateMysql } from '../migrate.ts'
import { writerLimits } from '../writer-limits.ts'
import { MysqlBridge } from './bridge.ts'
import type { Param } from './session.ts'
import { sqlText } from './sql-text.ts'

let mariadb: Mariadb
let url: string
beforeAll(async () => {
  mariadb = await startMariadb()
  url = mariadb.freshUrl()
  await migrateMysql(url)
})
afterAll(() => mariadb.close())

function open(statementMs = writerLimits.statementMs): MysqlBridge {
  const bridge = new MysqlBridge({ url, limits: { ...writerLimits, statementMs } })
  onTestFinished(() => bridge.close())
  bridge.connect()
  return bridge
}

test('every text, number and byte comes back as it was given', () => {
  const bridge = open()
  const param = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom("'", '\\', '\\\\', `\\'; drop table users; --`, '?', '\u001a\0', '中文 🦜'),
    fc.uint8Array({ maxLength: 40 }),
    fc.maxSafeInteger(),
    fc.constant(null),
  )
  fc.assert(
    fc.property(fc.array(param, { minLength: 1, maxLength: 8 }), (params: Param[]) => {
      const columns = params.map((_, i) => `? as c${i}`).join(', ')
      const [row] = bridge.all<Record<string, unknown>>(`select ${columns}`, params)
      params.forEach((given, i) => {
        const back = row?.[`c${i}`]
        if (given instanceof Uint8Array) expect(Uint8Array.from(back as Buffer)).toEqual(given)
        else expect(back).toBe(given)
      })
    }),
    { numRuns: 200 },
  )
})

test('what is no parameter, and a number that is not whole, is refused before it is sent', () => {
  expect(() => sqlText('select ?', [1.5])).toThrow(TypeError)
  expect(() => sqlText('select ?', [{ a: 1 } as never])).toThrow(TypeError)
  expect(() => sqlText('select ?, ?', [1])).toThrow('2 places for 1 parameters')
})

test('a number that no number can hold is an error, not another number', () => {
  const bridge = open()
  expect(bridge.all('select 9007199254740991 as n')).toEqual([{ n: 9007199254740991 }])
  expect(() => bridge.all('select 9007199254740993 as n')).toThrow('beyond 2^53')
})

test('statements after one that fails are not carried out, the commit among them', () => {
  const bridge = open()
  const insert = { sql: 'insert into search_progress (format, last_message) values (7, 1)' }
  bridge.run('start transaction')
  expect(() => bridge.many([insert, insert, { sql: 'commit' }])).toThrow(
    expect.objectContaining({ kind: 'again', code: 'ER_DUP_ENTRY' }),
  )
  bridge.run('rollback')
  expect(bridge.all('select * from search_progress where format = 7')).toEqual([])
  expect(() => bridge.run('select from')).toThrow(expect.objectContaining({ kind: 'statement' }))
})

test('a statement that takes too long loses the connection; the next one is usable', () => {
  const bridge = open(300)
  const startedMs = performance.now()
  expect(() => bridge.all('select sleep(50)')).toThrow(
    expect.objectContaining({ kind: 'again', code: 'TIMED_OUT' }),
  )
  expect(performance.now() - startedMs).toBeLessThan(30_000)
  expect(bridge.isConnected).toBe(false)
  expect(() => bridge.all('select 1 as one')).toThrow(expect.objectContaining({ kind: 'again' }))
  bridge.connect()
  expect(bridge.all('select 1 as one')).toEqual([{ one: 1 }])
  const sleeping = `select count(*) as n from information_schema.processlist
    where info = 'select sleep(50)'`
  // What was left of the lost connection has been ended.
  expect(bridge.all(sleeping)).toEqual([{ n: 0 }])
})

test('a connection to a server that takes no writes any more is left: another may be there by now', () => {
  const bridge = open()
  bridge.run('set session transaction read only')
  bridge.run('start transaction')
  const insert = 'insert into search_progress (format, last_message) values (8, 1)'
  expect(() => bridge.run(insert)).toThrow(expect.objectContaining({ kind: 'unable' }))
  expect(bridge.isConnected).toBe(false)
  bridge.connect()
  expect(bridge.run(insert).affectedRows).toBe(1)
})

test('the session works as transactions of several relays need it', () => {
  const bridge = open()
  const [settings] = bridge.all(
    `select @@session.tx_isolation as isolation, @@idle_transaction_timeout as idle,
       @@innodb_lock_wait_timeout as lockWait, @@character_set_connection as charset,
       instr(@@sql_mode, 'STRICT_ALL_TABLES') > 0 as strict`,
  )
  expect(settings).toEqual({
    isolation: 'READ-COMMITTED',
    idle: 4,
    lockWait: 3,
    charset: 'utf8mb4',
    strict: 1,
  })
})
