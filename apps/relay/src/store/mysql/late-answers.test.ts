import { eventually } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdingProxy } from '../../testing/holding-proxy.ts'
import { befriended, logOf, textTo } from '../../testing/journal-cast.ts'
import type { CastUser } from '../../testing/journal-cast.ts'
import { cast, openTold, sendUntilKnown } from '../../testing/mysql-journals.ts'
import type { WriterLimits } from './writer-limits.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 20))

/** Two contacts, and a journal behind a proxy that gives up early. */
async function setup(limits: Partial<WriterLimits>) {
  const url = mariadb.freshUrl()
  const straight = await openTold(url)
  const [ann, bob] = (await cast(straight.journal, 'ann', 'bob')) as [CastUser, CastUser]
  await befriended(straight.journal, ann, bob)
  const proxy = await holdingProxy(mariadb.port)
  const { journal } = await openTold(url.replace(`:${mariadb.port}/`, `:${proxy.port}/`), limits)
  const send = (text: string) => sendUntilKnown(journal, textTo(ann, { peer: bob }, text), pause)
  const log = (conversation: number) => logOf(straight.journal, conversation)
  const writers = () =>
    proxy.connections.filter(({ heard }) => heard.includes('innodb_lock_wait_timeout')).length
  return { proxy, send, log, writers }
}

test('an answer that comes after its question was given up changes nothing', async () => {
  const { proxy, send, log, writers } = await setup({ statementMs: 1_500 })
  await send('1')
  const held = proxy.hold('start transaction')
  const second = send('2')
  await held
  const { conversation } = await second
  const before = writers()
  expect(before).toBeGreaterThan(1)
  proxy.release()
  for (const text of ['3', '4', '5']) await send(text)
  expect(writers()).toBe(before)
  expect(await log(conversation)).toEqual(['1', '2', '3', '4', '5'])
})

test('a connection that comes about after it was given up is not used', async () => {
  const { proxy, send, log } = await setup({ connectMs: 1_500 })
  await send('1')
  const held = proxy.hold('STRICT_ALL_TABLES')
  proxy.cutAll()
  const second = send('2')
  const late = await held
  const { conversation } = await second
  proxy.release()
  await eventually(() => late.isOver || late.heard.includes('idle_transaction_timeout'))
  for (const text of ['3', '4']) await send(text)
  await eventually(() => late.isOver)
  expect(late.heard).not.toContain('start transaction')
  expect(await log(conversation)).toEqual(['1', '2', '3', '4'])
})
