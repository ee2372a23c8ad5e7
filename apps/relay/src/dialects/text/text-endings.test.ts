import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDoor } from '../../door/listener.ts'
import type { PlainAccounts } from '../../plain/plain-accounts.ts'
import type { PlainDoor } from '../../plain/plain-client.ts'
import { plainDoor } from '../../plain/plain-door.ts'
import type { FileDrop } from '../../plain/plain-files.ts'
import { bareSocket } from '../../testing/bare-socket.ts'
import { doorWorld } from '../../testing/door-world.ts'
import type { DialectWorld } from '../../testing/door-world.ts'
import type { Login } from '../../testing/engine-world.ts'
import { TextClient } from '../../testing/text-client.ts'
import { tlsWorld } from '../../testing/tls-world.ts'
import { pauseMs } from './framing.ts'
import { lastRequestsMs, loginMs } from './text-connection.ts'
import { textDialect } from './text-dialect.ts'

const patiently = { timeoutMs: 30_000 }

const noFiles: FileDrop = { store: () => Promise.reject(new Error('nobody sends files here')) }

/** The text dialect for who is known by any password. */
const dialectFor =
  (logins: ReadonlyMap<string, Login>, ready = Promise.resolve()) =>
  ({ engine, connections, scheduler }: DialectWorld) => {
    const accounts = accountsOf(logins, ready, () => scheduler.now() + 900_000)
    const plain = plainDoor({ engine, connections, accounts, files: noFiles })
    return [textDialect({ plain, scheduler, events: engine.events })]
  }

/** A door with the text dialect, at which ann is known. */
async function annsDoor(ready?: Promise<void>) {
  const logins = new Map<string, Login>()
  const world = await doorWorld({ dialects: dialectFor(logins, ready) })
  const ann = await world.register('ann')
  logins.set('ann', ann)
  const enter = async () => {
    const client = new TextClient(world.door.address).ask('101|ann,any')
    expect(await client.replies(1)).toEqual(['1|'])
    return client
  }
  return { world, ann, enter }
}

function accountsOf(
  logins: ReadonlyMap<string, Login>,
  ready: Promise<void>,
  expiresAtMs: () => number,
): PlainAccounts {
  const none = new AppError('unauthenticated', 'CREDENTIALS_INVALID', 'nobody')
  return {
    login: async ({ name }) => {
      await ready
      const login = logins.get(name)
      if (login === undefined) throw none
      const { token: accessToken, deviceId } = login
      const accessExpiresAtMs = expiresAtMs()
      return chat.Credentials.create({ accessToken, accessExpiresAtMs, deviceId })
    },
    refresh: () => Promise.reject(none),
    online: () => Promise.resolve([]),
    userNamed: () => Promise.resolve(undefined),
  }
}

describe('a client that goes', () => {
  test.each([
    { note: 'by hanging up', go: (client: TextClient) => client.socket.end(), how: 'clean' },
    {
      note: 'torn away',
      go: (client: TextClient) => client.socket.resetAndDestroy(),
      how: 'dirty',
    },
    {
      note: 'thrown out',
      go: (client: TextClient) => client.ask('x'.repeat(60_000)),
      how: 'dirty',
    },
  ])('$note is seen to', async ({ go, how }) => {
    const { world, enter } = await annsDoor()
    go(await enter())
    await eventually(() => expect(world.presence).toContain(`ann went ${how}`), patiently)
    await eventually(() => world.connections.size === 0, patiently)
    expect(world.engine.hub.sessions.size).toBe(0)
  })

  test('before its login has come back is not there afterwards', async () => {
    const ready = Promise.withResolvers<void>()
    const { world } = await annsDoor(ready.promise)
    const client = new TextClient(world.door.address).ask('102|', '101|ann,any')
    await client.replies(1)
    client.socket.resetAndDestroy()
    await client.ended()
    ready.resolve()
    await eventually(() => expect(world.presence).toContain('ann went dirty'), patiently)
    await eventually(() => world.connections.size === 0, patiently)
  })

  test('with a request on its lips has it answered', async () => {
    const { world, enter } = await annsDoor()
    const client = await enter()
    client.socket.end('102|')
    await client.ended()
    expect(client.received.split('\n').at(-2)).toMatch(/^1\|102@Server@ann@/)
    await eventually(() => expect(world.presence).toContain('ann went clean'), patiently)
  })
})

test('a client that reads nothing for a while gets everything afterwards, once and in order', async () => {
  const { world, ann, enter } = await annsDoor()
  const bob = await world.register('bob')
  await world.befriend(ann, bob)
  const [client, device] = [await enter(), world.connect(bob)]
  client.socket.pause()
  // More than the network takes.
  const texts = Array.from({ length: 700 }, (_, i) => `${i} ${'x'.repeat(16_000)}`)
  for (const text of texts) device.send(1, { user: ann.userId }, text)
  await eventually(() => device.of('accepted').length === texts.length, patiently)
  client.socket.resume()
  expect(await client.messagesFrom(texts.length, 'bob')).toEqual(texts)
})

test('inside TLS it is the same', async () => {
  const logins = new Map<string, Login>()
  const world = await tlsWorld({ dialects: dialectFor(logins) })
  logins.set('ann', await world.register('ann'))
  const client = new TextClient(world.secureSocket()).ask('101|ann,any')
  expect(await client.replies(1)).toEqual(['1|'])
  client.socket.end('102|')
  await client.ended()
  expect(client.answers.at(-1)).toMatch(/^1\|102@Server@ann@/)
  await eventually(() => expect(world.presence).toContain('ann went clean'), patiently)
})

/** A door at which nobody is known, whose time the test owns. */
async function strangersDoor(login: PlainDoor['login']) {
  const scheduler = new FakeScheduler()
  const events = { sessionFailed: () => expect.unreachable() }
  const bounds = { allowPlaintext: false, maxConnections: 10, maxConnectionsPerAddress: 10 }
  const dialects = [textDialect({ plain: { login }, scheduler, events })]
  const door = await openDoor({ host: '127.0.0.1', port: 0, ...bounds, scheduler, dialects })
  onTestFinished(() => door.close())
  return { scheduler, door }
}

const refuse = () => Promise.reject(new AppError('unauthenticated', 'CREDENTIALS_INVALID', 'no'))

describe('somebody who does not log in', () => {
  test('since no session can be had is refused, in the words for that', async () => {
    const { door } = await strangersDoor((_, client) => {
      client.ended({ reason: 'TOO_MANY_SESSIONS', message: 'this user has too many streams' })
      return refuse()
    })
    const client = new TextClient(door.address).ask('101|ann,right')
    await client.ended()
    expect(client.received).toBe('0|\n')
  })

  test('is let go after 10 s', async () => {
    const { scheduler, door } = await strangersDoor(refuse)
    const { socket, got } = bareSocket(door.address)
    socket.write('101|')
    // The request that may be whole, and the login.
    await eventually(() => scheduler.pendingTimers === 2, patiently)
    await scheduler.advance(pauseMs)
    await eventually(() => got.bytes.toString() === '0|', patiently)
    await scheduler.advance(loginMs - 1)
    expect(got.closed).toBe(false)
    await scheduler.advance(1)
    await eventually(() => got.closed, patiently)
  })

  test('has as long for each try', async () => {
    const { scheduler, door } = await strangersDoor(refuse)
    const client = new TextClient(door.address).ask('101|ann,wrong')
    await client.replies(1)
    await scheduler.advance(loginMs - 1)
    client.ask('101|ann,wrong')
    await client.replies(2)
    await scheduler.advance(loginMs - 1)
    expect(client.isClosed).toBe(false)
    await scheduler.advance(1)
    await client.ended()
    await eventually(() => scheduler.pendingTimers === 0, patiently)
  })

  test('though it has asked and gone is given up after 10 s', async () => {
    const login = Promise.withResolvers<never>()
    const asked = Promise.withResolvers<void>()
    const { scheduler, door } = await strangersDoor(() => {
      asked.resolve()
      return login.promise
    })
    const client = new TextClient(door.address)
    client.socket.end('101|ann,right\n')
    await asked.promise
    await eventually(() => scheduler.pendingTimers === 1, patiently)
    await scheduler.advance(lastRequestsMs)
    await client.ended()
    expect(client.received).toBe('')
    login.reject(new AppError('unauthenticated', 'CREDENTIALS_INVALID', 'no'))
  })
})

test('passwords are in clear: the door decides who may speak so', () => {
  const scheduler = new FakeScheduler()
  const events = { sessionFailed: () => undefined }
  expect(textDialect({ plain: { login: refuse }, scheduler, events }).clearPasswords).toBe(true)
})
