import type { Socket } from 'node:net'
import { AppError } from '@parley/errors'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDoor } from '../../door/listener.ts'
import type { PlainDoor, PlainSession } from '../../plain/plain-client.ts'
import type { PlainFile } from '../../plain/plain-files.ts'
import { JavaClient, userBytes } from '../../testing/java-client.ts'
import { maxComingMs, maxFileBytes, maxFiles } from './file-inbox.ts'
import { loginMs, stuckMs } from './java-connection.ts'
import { javaDialect } from './java-dialect.ts'
import { recorded } from './java-serialisation/recorded.ts'
import { writeMessage } from './java-serialisation/write-message.ts'
import type { MessageToWrite } from './java-serialisation/write-message.ts'

/** A door in time that a test owns, before people who see very many others. */
async function setup(login?: PlainDoor['login']) {
  const scheduler = new FakeScheduler()
  const lists = { count: 0 }
  const events = { left: 0, failed: 0 }
  const addresses: string[] = []
  const taken = { count: 0 }
  const files: { to: string; file: PlainFile; stored: () => void }[] = []
  const session: PlainSession = {
    userName: 'ann',
    start: () => undefined,
    say: () => Promise.resolve(),
    sendFile: (to, file) =>
      new Promise((stored) => void files.push({ to: String(to), file, stored })),
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
    maxConnections: 20,
    maxConnectionsPerAddress: 20,
    dialects: [{ ...dialect, take }],
    scheduler,
  })
  onTestFinished(() => door.close())
  onTestFinished(() => {
    for (const { stored } of files) stored()
  })
  const dial = () => new JavaClient(door.address)
  return { scheduler, lists, events, addresses, taken, files, dial, client: dial() }
}

type Setup = Awaited<ReturnType<typeof setup>>

/** Somebody who has logged in. */
async function enter({ dial }: Setup): Promise<JavaClient> {
  const client = dial().logIn('ann', 'x')
  await client.messages('1')
  return client
}

const fileOf = (src: string, bytes = Buffer.from('a small file')) => ({
  mesType: '8',
  getter: 'bob',
  file: { src, dest: '/etc/passwd', bytes },
})

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

describe('a file', () => {
  test.each([
    ['C:\\Users\\ann\\notes.txt', 'notes.txt'],
    ['/home/ann/照片.jpg', '照片.jpg'],
    ['..\\..\\/.bashrc\u202e', 'bashrc'],
    ['', 'unnamed'],
  ])('of %j is called %j, and goes nowhere by itself', async (src, name) => {
    const world = await setup()
    const client = await enter(world)
    client.send(fileOf(src))
    await eventually(() => world.files.length === 1)
    const { to, file } = world.files[0]!
    expect([to, file.name, String(file.bytes)]).toEqual(['bob', name, 'a small file'])
    // It has come in time, however long it then takes.
    await world.scheduler.advance(maxComingMs)
    world.files[0]!.stored()
    await client.send({ mesType: '4' }).messages('5')
  })

  test('keeps its place in the order of what a client says', async () => {
    const world = await setup()
    const client = await enter(world)
    client.send(fileOf('first')).send(fileOf('second')).send({ mesType: '4' })
    await eventually(() => world.files.length === 1)
    expect([world.files.length, world.lists.count]).toEqual([1, 0])
    world.files[0]!.stored()
    await eventually(() => world.files.length === 2)
    expect(world.lists.count).toBe(0)
    world.files[1]!.stored()
    await client.messages('5')
    expect(world.files.map(({ file }) => file.name)).toEqual(['first', 'second'])
  })

  test('of the greatest length is taken, a longer one refused in words, and the session goes on', async () => {
    const world = await setup()
    const client = await enter(world)
    client.send(fileOf('longer', Buffer.alloc(maxFileBytes + 1)))
    await client.told('not sent to bob: a file from this client has at most 8 MiB')
    client.send(fileOf('greatest', Buffer.alloc(maxFileBytes, 7)))
    await eventually(() => world.files.length === 1, { timeoutMs: 30_000 })
    expect(world.files[0]!.file.bytes.equals(Buffer.alloc(maxFileBytes, 7))).toBe(true)
  })

  test.each([
    { note: 'without bytes', message: { mesType: '8', getter: 'bob' } },
    { note: 'of no bytes', message: fileOf('empty', Buffer.alloc(0)) },
  ])('$note is refused in words', async ({ message }) => {
    const world = await setup()
    const client = await enter(world)
    client.send(message)
    await client.told('not sent to bob: there are no bytes in it')
    expect(world.files).toEqual([])
  })

  test('whose bytes are only referred to is refused in words', async () => {
    const world = await setup()
    const client = world.dial().write(recorded('files-of-one-stream'))
    for (const count of [1, 2]) {
      await eventually(() => world.files.length === count)
      world.files.at(-1)?.stored()
    }
    await client.told('not sent to bob: its bytes came with an earlier object')
    expect(world.files.map(({ file }) => file.name)).toEqual(['notes.txt', 'other.txt'])
  })

  test('before the login is not kept', async () => {
    const world = await setup()
    world.client.send(fileOf('early'))
    await world.client.ended()
    expect(world.client.received).toMatchObject([{ mesType: '2', content: 'log in first' }])
  })

  test('takes no place before the login', async () => {
    const world = await setup()
    const start = beginningOf(fileOf('early'))
    const early = Array.from({ length: maxFiles }, () => world.dial().write(start))
    await eventually(() => world.taken.count === maxFiles)
    const client = await enter(world)
    client.send(fileOf('mine'))
    await eventually(() => world.files.length === 1)
    expect(early.map(({ isClosed, received }) => [isClosed, received.length])).toEqual(
      early.map(() => [false, 0]),
    )
  })

  test('has one of 4 places until it is sent; one more is refused in words', async () => {
    const world = await setup()
    const clients = await Promise.all(Array.from({ length: maxFiles + 1 }, () => enter(world)))
    const [last, ...others] = clients
    for (const [nth, client] of others.entries()) client.send(fileOf(`of ${nth}`))
    await eventually(() => world.files.length === maxFiles)
    last!.send(fileOf('one more'))
    await last!.told('not sent to bob: too many files at once, try again')
    // They may have come in any order.
    world.files.find(({ file }) => file.name === 'of 0')!.stored()
    await others[0]!.send({ mesType: '4' }).messages('5')
    last!.send(fileOf('again'))
    await eventually(() => world.files.length > maxFiles)
    expect(world.files.at(-1)?.file.name).toBe('again')
  })

  test('that comes too slowly is told so after 60 s and ended, and its place given back', async () => {
    const world = await setup()
    const slow = await Promise.all(Array.from({ length: maxFiles }, () => enter(world)))
    const last = await enter(world)
    const before = world.scheduler.pendingTimers
    for (const client of slow) client.write(beginningOf(fileOf('slow')))
    await eventually(() => world.scheduler.pendingTimers === before + maxFiles)
    await last.send(fileOf('one more')).told('too many files at once')
    await world.scheduler.advance(maxComingMs - 1)
    expect(slow.some(({ isClosed }) => isClosed)).toBe(false)
    await world.scheduler.advance(1)
    for (const client of slow) {
      await client.told('a file has to come within 60 s')
      await client.ended()
    }
    last.send(fileOf('then'))
    await eventually(() => world.files.length === 1)
  })

  test('whose connection breaks gives its place back', async () => {
    const world = await setup()
    const torn = await Promise.all(Array.from({ length: maxFiles }, () => enter(world)))
    const before = world.scheduler.pendingTimers
    for (const client of torn) client.write(beginningOf(fileOf('torn')))
    await eventually(() => world.scheduler.pendingTimers === before + maxFiles)
    for (const client of torn) client.bare.socket.destroy()
    await eventually(() => world.events.left === maxFiles)
    const last = await enter(world)
    last.send(fileOf('then'))
    await eventually(() => world.files.length === 1)
  })
})

/** All of a message but the end of its file. */
function beginningOf(message: MessageToWrite): Buffer {
  const bytes = writeMessage(message, 1n)
  return bytes.subarray(0, bytes.indexOf('a small file') + 5)
}
