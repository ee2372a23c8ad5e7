import type { Socket } from 'node:net'
import { AppError } from '@parley/errors'
import { FakeScheduler, eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openDoor } from '../../door/listener.ts'
import type { PlainDoor, PlainSession } from '../../plain/plain-client.ts'
import { JavaClient, userBytes } from '../../testing/java-client.ts'
import { loginMs, stuckMs } from './java-connection.ts'
import { javaDialect } from './java-dialect.ts'
import { writeMessage } from './java-serialisation/write-message.ts'

/** A door in time that a test owns, before people who see very many others. */
async function setup(login?: PlainDoor['login']) {
  const scheduler = new FakeScheduler()
  const lists = { count: 0 }
  const events = { left: 0, failed: 0 }
  const addresses: string[] = []
  const taken = { count: 0 }
  const session: PlainSession = {
    userName: 'ann',
    start: () => undefined,
    say: () => Promise.resolve(),
    online() {
      lists.count += 1
      return Promise.resolve([`ann${'x'.repeat(100_000)}`])
    },
    groups: () => [],
    leave: () => undefined,
    cut: () => void (events.left += 1),
  }
  const dialect = javaDialect({
    plain: {
      login(asked, client) {
        addresses.push(asked.address)
        return login?.(asked, client) ?? Promise.resolve(session)
      },
    },
    scheduler,
    events: { sessionFailed: () => void (events.failed += 1) },
  })
  const take = (socket: Socket) => {
    dialect.take(socket)
    taken.count += 1
  }
  const door = await openDoor({
    host: '127.0.0.1',
    port: 0,
    allowPlaintext: false,
    maxConnections: 10,
    maxConnectionsPerAddress: 10,
    dialects: [{ ...dialect, take }],
    scheduler,
  })
  onTestFinished(() => door.close())
  const client = new JavaClient(door.address)
  return { scheduler, lists, events, addresses, taken, client }
}

test('a client that does not log in is let go after 10 s', async () => {
  const { scheduler, taken, client } = await setup()
  client.write(userBytes('ann', 'x').subarray(0, 20))
  await eventually(() => taken.count === 1)
  await scheduler.advance(loginMs - 1)
  expect(client.isClosed).toBe(false)
  await scheduler.advance(1)
  await client.ended()
})

test('a client that gets no session is told so as the answer to its login', async () => {
  const why = { reason: 'TOO_MANY_SESSIONS', message: 'this user has too many streams' }
  const { client } = await setup((_, plain) => {
    plain.ended(why)
    return Promise.reject(new AppError('unauthenticated', why.reason, why.message))
  })
  client.logIn('ann', 'x')
  await client.ended()
  expect(client.received).toMatchObject([{ mesType: '2', content: why.message }])
})

test('logs in from address and port, by which its network is known', async () => {
  const { addresses, client } = await setup()
  client.logIn('ann', 'x')
  await client.messages('1')
  expect(addresses).toEqual([`127.0.0.1:${client.bare.socket.localPort}`])
})

test('a client that asks and does not read waits, and is let go after 30 s', async () => {
  const { scheduler, lists, events, client } = await setup()
  client.logIn('ann', 'x')
  await client.messages('1')
  client.bare.socket.pause()
  const asked = Array.from({ length: 3_000 }, () => writeMessage({ mesType: '4' }, 1n))
  client.write(Buffer.concat(asked))
  await eventually(async () => {
    await scheduler.advance(stuckMs)
    return events.left > 0
  })
  expect(lists.count).toBeLessThan(asked.length)
  expect(events.failed).toBe(0)
})
