import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { helping } from '../../../commands/upkeep/free-dissolved.ts'
import type { SendAnswer } from '../../../commands/send-input.ts'
import { fileOf, groupOf } from '../../../testing/contract-scene.ts'
import { befriended, contentTo, must, textTo } from '../../../testing/journal-cast.ts'
import type { CastUser } from '../../../testing/journal-cast.ts'
import { cast, openTold } from '../../../testing/mysql-journals.ts'
import type { Command } from '../../journal.ts'
import { batchRunner } from '../../run-batch.ts'
import { MysqlBridge } from '../bridge/bridge.ts'
import { writerLimits } from '../writer-limits.ts'
import { mysqlTx } from '../tx/index.ts'
import { Work } from '../tx/work.ts'
import { LastingFacts } from './lasting-facts.ts'
import { mysqlSteps } from './steps.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

/** Ann and bob, contacts, in a direct conversation and in a group; and a runner whose hops are counted. */
async function setup(lasting = new LastingFacts()) {
  const url = mariadb.freshUrl()
  const { journal } = await openTold(url)
  const [ann, bob] = (await cast(journal, 'ann', 'bob')) as [CastUser, CastUser]
  await befriended(journal, ann, bob)
  const direct = await must(journal, 'sendMessage', textTo(ann, { peer: bob }, 'first').input)
  const { conversationId: group } = await must(journal, 'createGroup', groupOf(ann, bob))
  const bridge = new MysqlBridge({ url, limits: writerLimits })
  onTestFinished(() => bridge.close())
  const work = new Work(bridge, () => uuidv7(systemScheduler))
  const failed = (_name: string, error: unknown) => expect(error).toBeUndefined()
  const steps = mysqlSteps(bridge, work, systemScheduler, lasting)
  const run = batchRunner(mysqlTx(work), steps, failed)
  run([])
  const hopsOf = (batch: readonly Command[]) => {
    const before = bridge.hops
    expect(run(batch).map((outcome) => outcome.ok)).toEqual(batch.map(() => true))
    return bridge.hops - before
  }
  return { journal, ann, bob, direct, group, hopsOf }
}

function times(count: number, made: (i: number) => Command): Command[] {
  return Array.from({ length: count }, (_, i) => made(i))
}

function known({ conversation, conversationId }: SendAnswer) {
  return [{ conversationId }, { conversation }] as const
}

test('a batch takes the same few hops to the database however many commands it has', async () => {
  const { ann, bob, direct, group, hopsOf } = await setup()
  const [to, change] = known(direct)
  const sends = (count: number) =>
    times(count, (i) => textTo(i % 2 === 0 ? ann : bob, to, `${i}`, change))
  expect(hopsOf(sends(1))).toBe(4)
  expect(hopsOf(sends(1))).toBe(2)
  expect(hopsOf(sends(300))).toBe(2)
  const toGroup = (i: number) => textTo(ann, { conversationId: group }, `${i}`)
  expect(hopsOf(times(300, toGroup))).toBe(3)
  expect(hopsOf(times(300, toGroup))).toBe(2)
  const toPeer = (i: number) => textTo(ann, { peer: bob }, `${i}`)
  expect(hopsOf(times(300, toPeer))).toBe(3)
  expect(hopsOf(times(300, toPeer))).toBe(2)
})

test('what users have read takes the same few hops however many of them read', async () => {
  const { ann, bob, direct, group, hopsOf } = await setup()
  const all = [
    { user: ann.user, conversationId: direct.conversationId },
    { user: bob.user, conversationId: direct.conversationId },
    { user: ann.user, conversationId: group },
  ]
  const read = (seq: number) =>
    all.map((each): Command => ({ name: 'readUpTo', input: { ...each, seq } }))
  // Once more what was read already, then further: of both kinds the database knows.
  hopsOf(read(1))
  expect(hopsOf(read(1).slice(0, 1))).toBe(2)
  expect(hopsOf(read(1))).toBe(2)
  hopsOf(all.slice(1).map(({ conversationId }) => textTo(ann, { conversationId }, 'more')))
  expect(hopsOf(read(2))).toBe(2)
})

test('what devices have stored takes one hop, and nothing is read for it', async () => {
  const { ann, direct, hopsOf } = await setup()
  const ack = (i: number): Command => ({
    name: 'ackCursors',
    input: { marks: [ann.device, direct.conversation, i + 1] },
  })
  expect(hopsOf(times(50, ack))).toBe(1)
})

test('what a dissolved group carries is let go in the same few hops however much it is', async () => {
  const { journal, ann, group, hopsOf } = await setup()
  const attachment = { service: 1 as const, attachmentId: 'h'.repeat(27) }
  const input = () => ({
    ...contentTo(ann, { conversationId: group }, fileOf('h')),
    attachment,
  })
  hopsOf(times(helping + 1, () => ({ name: 'sendMessage', input: input() })))
  hopsOf([{ name: 'dissolveGroup', input: { user: ann.user, conversationId: group } }])
  const [conversation = 0] = await journal.ask('dissolvedGroups', { limit: 1 })
  const free: Command = { name: 'freeDissolved', input: { conversation } }
  expect(hopsOf([free])).toBe(4)
  expect(hopsOf([free])).toBeLessThanOrEqual(5)
})

test('a writer that remembers little finds everybody that a batch names all the same', async () => {
  const { ann, bob, direct, hopsOf } = await setup(new LastingFacts(1))
  const toPeer = (i: number) =>
    textTo(i % 2 === 0 ? ann : bob, { peer: i % 2 === 0 ? bob : ann }, `${i}`)
  hopsOf(times(1, toPeer))
  const [to] = known(direct)
  hopsOf([...times(4, toPeer), ...times(2, (i) => textTo(ann, to, `again ${i}`))])
})
