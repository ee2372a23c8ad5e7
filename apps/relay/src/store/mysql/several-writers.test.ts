import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { createConnection } from 'mysql2/promise'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { groupOf } from '../../testing/contract-scene.ts'
import { befriended, bytes, commitOne, logOf, must, textTo } from '../../testing/journal-cast.ts'
import { cast, openTwo, storedAs } from '../../testing/mysql-journals.ts'
import type { CommandOf, Journal } from '../journal.ts'

type Pair = Awaited<ReturnType<typeof openTwo>>

const close = (pair: Pair) => Promise.all(pair.map(({ journal }) => journal.close()))

let mariadb: Mariadb
let url: string
let shared: Pair
let setups = 0
beforeAll(async () => {
  mariadb = await startMariadb()
  url = mariadb.freshUrl()
  shared = await openTwo(url)
})
afterAll(async () => {
  await close(shared)
  await mariadb.close()
})

async function setup([one, other] = shared) {
  for (const { failed } of [one, other]) failed.length = 0
  setups += 1
  const names = ['ann', 'bob', 'carl', 'dora'].map((name) => `${name}${setups}`)
  const users = await cast(one.journal, ...names)
  const [ann, bob, carl, dora] = users as [(typeof users)[0] & {}, ...typeof users]
  await befriended(one.journal, ann, bob!)
  await befriended(other.journal, carl!, dora!)
  const failed = () => [...one.failed, ...other.failed]
  return {
    here: one.journal,
    there: other.journal,
    failed,
    ann,
    bob: bob!,
    carl: carl!,
    dora: dora!,
  }
}

async function openGroup(journal: Journal, ...users: Parameters<typeof groupOf>) {
  const group = await must(journal, 'createGroup', { ...groupOf(...users), open: true })
  return group.conversationId
}

async function raw(): Promise<Connection> {
  const connection = await createConnection(url)
  onTestFinished(() => connection.destroy())
  return connection
}

test('two relays write to the same conversations at once: numbers are dense, nothing is stored twice', async () => {
  const { here, there, failed, ann, bob, carl, dora } = await setup()
  const conversationId = await openGroup(here, ann)
  for (const { user } of [bob, carl, dora]) await must(here, 'joinGroup', { user, conversationId })
  const round = (name: string): CommandOf<'sendMessage'>[] => [
    textTo(ann, { peer: bob }, `${name} a`),
    textTo(carl, { peer: dora }, `${name} b`),
    textTo(bob, { conversationId }, `${name} c`),
    textTo(dora, { peer: carl }, `${name} d`),
    textTo(bob, { peer: ann }, `${name} e`),
    textTo(carl, { conversationId }, `${name} f`),
  ]
  const load = async (journal: Journal, name: string, turned: boolean) => {
    const places: string[] = []
    for (let i = 0; i < 25; i += 1) {
      const batch = round(`${name}${i}`)
      const outcomes = await journal.commit(turned ? batch.toReversed() : batch)
      places.push(...outcomes.map(storedAs).map((at) => `${at.conversation}/${at.seq}`))
    }
    return places
  }
  const places = (await Promise.all([load(here, 'h', false), load(there, 't', true)])).flat()
  expect(new Set(places).size).toBe(2 * 25 * 6)
  for (const conversation of new Set(places.map((place) => Number(place.split('/')[0])))) {
    const seqs = places
      .map((place) => place.split('/').map(Number))
      .filter(([c]) => c === conversation)
    const lines = await logOf(there, conversation)
    expect(await logOf(here, conversation)).toEqual(lines)
    // What is not among the answers is what the group was made with.
    const first = Math.min(...seqs.map(([, seq]) => seq!))
    expect(seqs.map(([, seq]) => seq!).toSorted((a, b) => a - b)).toEqual(
      seqs.map((_, i) => first + i),
    )
    expect(lines.length).toBe(first - 1 + seqs.length)
  }
  expect(failed()).toEqual([])
})

test('a message that reaches both relays at once is stored once, and both tell the same number', async () => {
  const { here, there, failed, ann, bob } = await setup()
  const told: unknown[] = []
  for (let i = 0; i < 20; i += 1) {
    const message = textTo(ann, { peer: bob }, `once ${i}`)
    const both = await Promise.all([here, there].map((journal) => commitOne(journal, message)))
    told.push([...new Set(both.map((came) => came.answer?.seq))])
    expect(both.filter((came) => came.duplicate).length).toBe(1)
  }
  expect(told).toEqual(Array.from({ length: 20 }, (_, i) => [i + 1]))
  expect(failed()).toEqual([])
})

test('two who write to each other for the first time at once are in one conversation', async () => {
  const { here, there, failed } = await setup()
  for (let i = 0; i < 8; i += 1) {
    const [eve, finn] = (await cast(here, `eve${i}`, `finn${i}`)) as [never, never]
    const both = await Promise.all([
      commitOne(here, textTo(eve, { peer: finn }, 'hello')),
      commitOne(there, textTo(finn, { peer: eve }, 'hello')),
    ])
    expect(new Set(both.map((came) => came.answer?.conversation)).size).toBe(1)
    expect(new Set(both.map((came) => came.answer?.seq))).toEqual(new Set([1, 2]))
  }
  expect(failed()).toEqual([])
})

test('two who ask each other at once are contacts, and a name goes to one of two who want it', async () => {
  const { here, there, failed } = await setup()
  for (let i = 0; i < 8; i += 1) {
    const users = await cast(here, `gus${i}`, `hal${i}`)
    const [gus, hal] = users as [(typeof users)[0] & {}, ...typeof users]
    const both = await Promise.all([
      commitOne(here, {
        name: 'requestContact',
        input: { user: gus.user, otherId: hal!.userId, text: '' },
      }),
      commitOne(there, {
        name: 'requestContact',
        input: { user: hal!.user, otherId: gus.userId, text: '' },
      }),
    ])
    expect(new Set(both.map((came) => came.answer?.state))).toEqual(new Set([2, 4]))
    const wanted = await Promise.allSettled([cast(here, `ida${i}`), cast(there, `ida${i}`)])
    expect(wanted.map((each) => each.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const reasons = wanted.flatMap((each) =>
      each.status === 'rejected' ? [String(each.reason)] : [],
    )
    expect(reasons).toEqual(['Error: registerAccount: NAME_TAKEN'])
  }
  expect(failed()).toEqual([])
})

test('what a member sends while being removed at the other relay lies before the removal, or is refused', async () => {
  const { here, there, failed, ann, bob } = await setup()
  let refused = 0
  for (let i = 0; i < 12; i += 1) {
    const conversationId = await openGroup(here, ann)
    await must(there, 'joinGroup', { user: bob.user, conversationId })
    const input = { user: ann.user, conversationId, otherId: bob.userId }
    const send = () => commitOne(there, textTo(bob, { conversationId }, 'still here?'))
    const [removed, ...sent] = await Promise.all([
      commitOne(here, { name: 'removeMember', input }),
      send(),
      send(),
      send(),
      send(),
    ])
    const leftSeq = removed.effects?.stays[0]?.leftSeq ?? 0
    expect(leftSeq).toBeGreaterThan(0)
    for (const { ok, answer, reason } of sent) {
      if (ok) expect((answer as { seq: number }).seq).toBeLessThan(leftSeq)
      else expect(reason).toBe('NOT_A_MEMBER')
      refused += ok ? 0 : 1
    }
    expect(await send()).toMatchObject({ ok: false, reason: 'NOT_A_MEMBER' })
  }
  expect(refused).toBeGreaterThan(0)
  expect(failed()).toEqual([])
})

test('a call that reaches both relays is carried out once', async () => {
  const { here, there, failed, ann } = await setup()
  for (let i = 0; i < 8; i += 1) {
    const request = { user: ann.user, id: bytes(16), digest: bytes(16) }
    const command = { name: 'createGroup' as const, input: groupOf(ann), request }
    const both = await Promise.all([here, there].map((journal) => commitOne(journal, command)))
    expect(both[0]!.answer).toEqual(both[1]!.answer)
    expect(both.filter((came) => came.duplicate).length).toBe(1)
  }
  const groups = (await here.ask('sessionView', ann)).filter(({ kind }) => kind === 2)
  expect(groups.length).toBe(8)
  expect(failed()).toEqual([])
})

test('a refresh token that both relays are shown is exchanged by one of them', async () => {
  const { here, there, failed } = await setup()
  const [loginId, hash] = [bytes(16), bytes(32)]
  const name = {
    name: 'kim',
    nameKey: 'kim',
    skeleton: 'kim',
    password: 'hash',
    codeHash: undefined,
  }
  const login = { loginId, refreshHash: hash, deviceId: undefined, deviceName: 'laptop' }
  await must(here, 'registerAccount', { ...name, ...login })
  const rotate = (journal: Journal) =>
    must(journal, 'rotateRefresh', { loginId, hash, requestId: bytes(16), nextHash: bytes(32) })
  const both = await Promise.all([rotate(here), rotate(there)])
  expect(both.map(({ state }) => state).toSorted()).toEqual(['renewed', 'reused'])
  expect(failed()).toEqual([])
})

test('a batch that loses in a deadlock is run again, and nobody hears of it', async () => {
  const { here, failed, ann, bob, carl, dora } = await setup()
  const direct = async (from: typeof ann, peer: typeof ann) =>
    storedAs((await commitOne(here, textTo(from, { peer }, 'first'))) as never).conversation
  const [low, high] = [await direct(ann, bob), await direct(carl, dora)]
  const stranger = await raw()
  // The heavier transaction survives.
  await stranger.query('create table weight (n int primary key)')
  await stranger.query('begin')
  await stranger.query(
    `insert into weight values ${Array.from({ length: 500 }, (_, i) => `(${i})`).join(', ')}`,
  )
  await stranger.query('select * from conversations where id = ? for update', [high])
  const before = await deadlocks(stranger)
  const batch = here.commit([textTo(ann, { peer: bob }, 'x'), textTo(carl, { peer: dora }, 'y')])
  await waitsForLock()
  await stranger.query('select * from conversations where id = ? for update', [low])
  await stranger.query('commit')
  expect((await batch).map(storedAs)).toMatchObject([{ seq: 2 }, { seq: 2 }])
  expect((await deadlocks(stranger)) - before).toBe(1)
  expect(failed()).toEqual([])
})

test('a conversation that another writer holds is waited for, at most until its sender is told', async () => {
  const limits = { lockWaitSeconds: 1, idleTransactionSeconds: 2, againForMs: 1_500 }
  const pair = await openTwo(url, limits)
  onTestFinished(async () => void (await close(pair)))
  const { here, there, failed, ann, bob } = await setup(pair)
  const { conversation } = storedAs(
    (await commitOne(here, textTo(ann, { peer: bob }, '1'))) as never,
  )
  const stranger = await raw()
  const hold = async () => {
    await stranger.query('begin')
    await stranger.query('select * from conversations where id = ? for update', [conversation])
  }
  await hold()
  const held = here.commit([textTo(ann, { peer: bob }, '2')])
  const second = await raw()
  // Longer than one wait for the row.
  await second.query('select sleep(1.2)')
  await stranger.query('commit')
  expect(storedAs((await held)[0])).toMatchObject({ seq: 2 })
  await hold()
  const message = textTo(ann, { peer: bob }, '3')
  const startedMs = performance.now()
  await expect(there.commit([message])).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' })
  expect(performance.now() - startedMs).toBeLessThan(30_000)
  await stranger.query('rollback')
  expect(storedAs((await commitOne(there, message)) as never)).toMatchObject({ seq: 3 })
  expect(failed()).toEqual(['ER_LOCK_WAIT_TIMEOUT'])
}, 60_000)

async function deadlocks(connection: Connection): Promise<number> {
  const sql = "show global status like 'Innodb_deadlocks'"
  const [rows] = await connection.query<RowDataPacket[]>(sql)
  return Number(rows[0]!['Value'])
}

async function waitsForLock(): Promise<void> {
  const connection = await raw()
  for (;;) {
    // The server's table is renewed only when nobody has read it for 0.1 s.
    const sql =
      'select sleep(0.2), (select count(*) from information_schema.innodb_lock_waits) as n'
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    if (Number(rows[0]!['n']) > 0) return
  }
}

test('of pictures set at two relays at once the last one is held, and every other let go', async () => {
  const { here, there, failed, ann, bob } = await setup()
  const conversationId = await openGroup(here, ann)
  const { user } = ann
  const facts = { width: 1, height: 1, digest: bytes(32), thumbhash: bytes(21) }
  const pictureAt = (name: string, i: number) => ({
    imageId: `${name}${i}`.padEnd(27, 'x'),
    ...facts,
  })
  const load = async (journal: Journal, name: string) => {
    for (let i = 0; i < 20; i += 1) {
      const picture = pictureAt(name, i)
      await must(journal, 'setProfilePicture', { user, picture })
      await must(journal, 'setGroupPicture', { user, conversationId, picture })
    }
  }
  await Promise.all([load(here, 'here'), load(there, 'there')])
  expect(failed()).toEqual([])
  const outbox = await here.ask('holdOutbox', { service: 2, limit: 500 })
  expect(outbox).toHaveLength(4 * 20 + 4 * 20 - 2)
  const held = new Map<string, Set<string>>()
  for (const { holder, attachmentId, held: isHeld } of outbox) {
    const ids = held.get(holder) ?? new Set()
    held.set(holder, ids)
    // Each is held once and let go once, in that order: the other service applies them as they come.
    expect(ids.has(attachmentId)).toBe(isHeld === 0)
    if (isHeld === 0) ids.delete(attachmentId)
    else ids.add(attachmentId)
  }
  const profile = await there.ask('profileOf', { userId: ann.userId })
  const group = await there.ask('groupOf', { user: ann.user, conversationId })
  const seen = [profile?.picture?.imageId, group?.group.picture?.imageId]
  expect(new Set([...held.values()].flatMap((ids) => [...ids]))).toEqual(new Set(seen))
  expect(await there.ask('groupOf', { user: bob.user, conversationId })).toBeUndefined()
})
