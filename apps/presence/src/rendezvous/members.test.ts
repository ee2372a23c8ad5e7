import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { rendezvousLimits } from '../limits.ts'
import { admit } from './admission.ts'
import { ListConnection } from './list-connection.ts'
import { Members } from './members.ts'
import { MemoryNameBook } from './rendezvous.fixture.ts'
import { tcp } from './seed-client.fixture.ts'

/** Members without a door, and connections whose clients are at hand. */
async function setup(scheduler: Scheduler = systemScheduler) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const sent: string[] = []
  const members = new Members((text, { port }) => void sent.push(`${port}: ${text}`))
  const arrival = async (name: string, port: number, allowHalfOpen = false) => {
    const [[socket], stream] = await Promise.all([
      once(server, 'connection') as Promise<[Socket]>,
      tcp((server.address() as AddressInfo).port, { allowHalfOpen }),
    ])
    const endpoint = { address: '127.0.0.1', port }
    const connection = new ListConnection(socket, scheduler)
    return { login: { name, endpoint, source: endpoint }, connection, stream }
  }
  const admission = { names: new MemoryNameBook(), members, maxMembers: 2 }
  return { members, sent, arrival, enter: admit.bind(undefined, admission) }
}

test('one more than may be in is refused, and comes in when another has left', async () => {
  const { members, arrival, enter } = await setup()
  for (const name of ['ann', 'bob']) expect(await enter(await arrival(name, 1))).toBeUndefined()
  const carl = await arrival('carl', 3)
  expect(await enter(carl)).toBe('too many are in')
  members.remove(members.named('ANN')!)
  expect(await enter(carl)).toBeUndefined()
  await eventually(() => carl.stream.text === 'bob,127.0.0.1:1;carl,127.0.0.1:3;end')
})

test('who leaves twice leaves once, and nobody leaves for who came after', async () => {
  const { members, sent, arrival, enter } = await setup()
  await enter(await arrival('ann', 1))
  const before = members.named('ann')!
  await enter(await arrival('bob', 2))
  expect([members.remove(before), members.remove(before)]).toEqual([true, false])
  await enter(await arrival('ann', 3))
  expect(members.remove(before)).toBe(false)
  expect(sent).toEqual([
    '1: login,bob,127.0.0.1:2',
    '2: logout,ann,127.0.0.1:1',
    '2: login,ann,127.0.0.1:3',
  ])
})

test('a connection that ended while its name was asked about does not get in', async () => {
  const { members, arrival, enter } = await setup()
  const ann = await arrival('ann', 1)
  const entering = enter(ann)
  ann.connection.destroy()
  expect(await entering).toBe('the connection has ended')
  expect(members.size).toBe(0)
})

test('who is refused and does not close is closed after its last words', async () => {
  const scheduler = new FakeScheduler()
  const { arrival } = await setup(scheduler)
  const { connection, stream } = await arrival('ann', 1, true)
  let isClosed = false
  connection.onClose(() => (isClosed = true))
  connection.refuse('too late')
  await eventually(() => stream.text === 'Refused,too late\n')
  await scheduler.advance(rendezvousLimits.lastWordsMs - 1)
  expect([connection.isOver, isClosed]).toEqual([true, false])
  await scheduler.advance(1)
  await eventually(() => isClosed)
})

test('a member that does not read is let go when a bound is reached, not remembered for', async () => {
  const { arrival, enter } = await setup()
  const ann = await arrival('ann', 1)
  await enter(ann)
  ann.stream.socket.pause()
  const line = 'x'.repeat(64 * 1024)
  for (let i = 0; i < 10_000 && !ann.connection.isOver; i += 1) {
    ann.connection.tell(line)
    // The kernel takes what it will; only what it does not take counts.
    await new Promise(setImmediate)
  }
  expect(ann.connection.isOver).toBe(true)
  expect(rendezvousLimits.unreadBytes).toBeGreaterThan(180 * rendezvousLimits.members)
})
