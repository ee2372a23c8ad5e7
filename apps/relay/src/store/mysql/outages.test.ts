import { eventually } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { cuttingProxy } from '../../testing/cutting-proxy.ts'
import { befriended, commitOne, logOf, textTo } from '../../testing/journal-cast.ts'
import type { CastUser } from '../../testing/journal-cast.ts'
import { cast, openTold, sendUntilKnown, storedAs } from '../../testing/mysql-journals.ts'
import type { Journal } from '../journal.ts'
import { batchTries, commandTries } from './batch/again.ts'
import { openMysqlJournal } from './mysql-journal.ts'
import type { WriterLimits } from './writer-limits.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

async function setup(through = mariadb.port, limits: Partial<WriterLimits> = {}) {
  const url = mariadb.freshUrl().replace(`:${mariadb.port}/`, `:${through}/`)
  const { journal, failed } = await openTold(url, limits)
  const [ann, bob] = (await cast(journal, 'ann', 'bob')) as [CastUser, CastUser]
  await befriended(journal, ann, bob)
  const first = await commitOne(journal, textTo(ann, { peer: bob }, 'first'))
  return { url, journal, failed, ann, bob, conversation: first.answer!.conversation }
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 20))

/** Sends texts until told to stop, each until its outcome is known; tells what was stored where. */
function startLoad(journal: Journal, from: CastUser, peer: CastUser, name: string) {
  const stored = new Map<number, string>()
  let isOver = false
  const run = async () => {
    for (let i = 0; !isOver; i += 1) {
      const text = `${name} ${i}`
      const { seq } = await sendUntilKnown(journal, textTo(from, { peer }, text), pause)
      stored.set(seq, text)
    }
  }
  const running = run()
  const stop = () => ((isOver = true), running)
  return { stored, stop }
}

test('when MariaDB is killed under load, nothing acknowledged is lost, and writing goes on by itself', async () => {
  const { url, journal, failed, ann, bob, conversation } = await setup()
  const other = await openTold(url)
  const loads = [
    startLoad(journal, ann, bob, 'a'),
    startLoad(journal, bob, ann, 'b'),
    startLoad(other.journal, ann, bob, 'c'),
    startLoad(other.journal, bob, ann, 'd'),
  ]
  const count = () => loads.reduce((sum, { stored }) => sum + stored.size, 0)
  for (let kills = 0; kills < 3; kills += 1) {
    const before = count()
    await eventually(() => count() > before + 20, { timeoutMs: 60_000 })
    await mariadb.kill()
    await mariadb.start()
  }
  const before = count()
  await eventually(() => count() > before + 20, { timeoutMs: 60_000 })
  await Promise.all(loads.map(({ stop }) => stop()))
  const lines = await logOf(journal, conversation)
  const stored = new Map(loads.flatMap((load) => [...load.stored]))
  expect(stored.size).toBe(count())
  expect(lines).toEqual(['first', ...lines.slice(1).map((_, i) => stored.get(i + 2))])
  expect(failed.length).toBeGreaterThan(0)
}, 90_000)

test('while MariaDB stands still batches are unresolved in time, afterwards writing goes on', async () => {
  const limits = { statementMs: 1_500, connectMs: 1_000 }
  const { journal, ann, bob, conversation } = await setup(mariadb.port, limits)
  const message = textTo(ann, { peer: bob }, 'into the silence')
  const refused = async () => {
    const startedMs = performance.now()
    await expect(journal.commit([message])).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' })
    return performance.now() - startedMs
  }
  mariadb.pause()
  onTestFinished(() => mariadb.resume())
  const waitedMs = await refused()
  expect(waitedMs).toBeGreaterThan(limits.statementMs)
  expect(waitedMs).toBeLessThan(limits.statementMs + limits.connectMs + 15_000)
  // Later ones wait for a new connection at most.
  expect(await refused()).toBeLessThan(limits.connectMs + 15_000)
  mariadb.resume()
  expect(await sendUntilKnown(journal, message, pause)).toMatchObject({ conversation, seq: 2 })
  expect(await logOf(journal, conversation)).toEqual(['first', 'into the silence'])
}, 60_000)

test('a lost answer to a commit is unknown; the repetition finds what was stored', async () => {
  const proxy = await cuttingProxy(mariadb.port)
  const { journal, failed, ann, bob, conversation } = await setup(proxy.port)
  const message = textTo(ann, { peer: bob }, 'was it stored?')
  const cut = proxy.cut({ words: '\u0003commit', when: 'after' })
  await expect(journal.commit([message])).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' })
  await cut
  const again = await commitOne(journal, message)
  expect(again).toMatchObject({ ok: true, duplicate: true, answer: { conversation, seq: 2 } })
  expect(await logOf(journal, conversation)).toEqual(['first', 'was it stored?'])
  expect(failed.length).toBe(1)
})

test('a commit that never arrived is unknown; the repetition is stored once', async () => {
  const proxy = await cuttingProxy(mariadb.port)
  const { journal, ann, bob, conversation } = await setup(proxy.port)
  const message = textTo(ann, { peer: bob }, 'was it stored?')
  const cut = proxy.cut({ words: '\u0003commit', when: 'before' })
  await expect(journal.commit([message])).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' })
  await cut
  const again = await commitOne(journal, message)
  expect(again).toMatchObject({ ok: true, duplicate: false, answer: { conversation, seq: 2 } })
  expect(await logOf(journal, conversation)).toEqual(['first', 'was it stored?'])
})

test.each([
  ['before' as const, 'the lines never arrived'],
  ['after' as const, 'the lines were written and rolled back'],
])(
  'a connection lost %s the lines of a batch were written: it is run again unseen, %s',
  async (when, _note) => {
    const proxy = await cuttingProxy(mariadb.port)
    const { journal, failed, ann, bob, conversation } = await setup(proxy.port)
    const cut = proxy.cut({ words: 'insert into messages', when })
    const outcomes = await journal.commit([
      textTo(ann, { peer: bob }, 'a'),
      textTo(bob, { peer: ann }, 'b'),
    ])
    await cut
    expect(outcomes.map(storedAs)).toMatchObject([{ seq: 2 }, { seq: 3 }])
    expect(await logOf(journal, conversation)).toEqual(['first', 'a', 'b'])
    expect(failed).toEqual([])
  },
)

test('what is stored of a batch is told with what others must hear of it, though the rest is lost', async () => {
  const proxy = await cuttingProxy(mariadb.port)
  const { journal, failed, ann, bob, conversation } = await setup(proxy.port)
  const stored = textTo(ann, { peer: bob }, 'stored')
  const lost = textTo(bob, { peer: ann }, 'lost')
  const committed = journal.commit([stored, lost])
  const lostId = Buffer.from(lost.input.clientId).toString('hex')
  for (let cuts = 0; cuts < batchTries + commandTries; cuts += 1) {
    await proxy.cut({ words: lostId, when: 'before' })
  }
  const outcomes = await committed
  expect(outcomes).toMatchObject([
    { ok: true, duplicate: false, effects: { entries: [{ conversation, seq: 2 }] } },
  ])
  expect(failed.length).toBe(1)
  expect(await commitOne(journal, lost)).toMatchObject({ duplicate: false, answer: { seq: 3 } })
  expect(await logOf(journal, conversation)).toEqual(['first', 'stored', 'lost'])
})

test('the rows that a lost connection still holds are free again before the sender is told', async () => {
  const proxy = await cuttingProxy(mariadb.port)
  const limits = { lockWaitSeconds: 1, idleTransactionSeconds: 2 }
  const { journal, failed, ann, bob, conversation } = await setup(proxy.port, limits)
  const cut = proxy.cut({ words: 'insert into messages', when: 'before', leavesServer: true })
  const [outcome] = await journal.commit([textTo(ann, { peer: bob }, 'held')])
  await cut
  expect(storedAs(outcome)).toMatchObject({ conversation, seq: 2 })
  expect(failed).toEqual([])
})

test('a relay may start before its database: it says so, and waits', async () => {
  await mariadb.stop()
  const told: string[] = []
  const starting = openTold(mariadb.freshUrl(), {}, told)
  await eventually(() => told.length > 0)
  await mariadb.start()
  const { journal, failed } = await starting
  expect(failed).toEqual(['ECONNREFUSED'])
  await cast(journal, 'ann')
}, 60_000)

test('without its database a relay does not start, and says why', async () => {
  const nothing = () => undefined
  const events = {
    failed: nothing,
    lost: nothing,
    fatal: nothing,
    waiting: nothing,
    warned: nothing,
  }
  const denied = mariadb.url().replace(/parley:[^@]*@/, 'parley:wrong@')
  await expect(openMysqlJournal({ url: denied, events })).rejects.toMatchObject({
    reason: 'STORE_UNUSABLE',
    message: expect.stringContaining('Access denied') as string,
  })
  await mariadb.stop()
  onTestFinished(() => mariadb.start())
  const url = mariadb.url()
  await expect(openMysqlJournal({ url, events, startWaitMs: 700 })).rejects.toMatchObject({
    reason: 'STORE_UNUSABLE',
  })
})

test('settings under which acknowledged messages can be lost are said in words', async () => {
  const connection = await createConnection(mariadb.url('mysql'))
  const flush = (when: number) =>
    connection.query(`set global innodb_flush_log_at_trx_commit = ${when}`)
  await flush(2)
  onTestFinished(async () => {
    await flush(1)
    connection.destroy()
  })
  const { failed } = await openTold(mariadb.freshUrl())
  expect(failed.join()).toContain('innodb_flush_log_at_trx_commit')
})
