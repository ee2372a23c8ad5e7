import { eventually, heldBytes } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ClientOptions } from 'ws'
import { farewell } from '../../../door/farewell.ts'
import { bareSocket } from '../../../testing/bare-socket.ts'
import { doorWorld } from '../../../testing/door-world.ts'
import type { DoorWorldOptions } from '../../../testing/door-world.ts'
import { helloOf, sendOf } from '../../../testing/fake-device.ts'
import { WebDevice } from '../../../testing/web-device.ts'

async function setup(options: DoorWorldOptions = {}) {
  const world = await doorWorld(options)
  const [ann, bob] = [await world.register('ann'), await world.register('bob')]
  await world.befriend(ann, bob)
  const dial = (path?: string, options?: ClientOptions) => {
    const device = new WebDevice(world.door.address, path, options)
    onTestFinished(() => device.socket.terminate())
    return device
  }
  return { world, ann, bob, dial }
}

const messageId = (n: number) => {
  const id = Buffer.alloc(16, 7)
  id[6] = 0x70
  id[8] = 0x80
  id.writeUInt32BE(n, 12)
  return id
}

describe('a browser', () => {
  test.each(['/chat', '/chat?format=json'])(
    'talks at %s with a device of gRPC, each message once and in order',
    async (path) => {
      const { world, ann, bob, dial } = await setup()
      const here = world.connect(ann)
      const web = await dial(path).hello(bob)
      await eventually(() => web.of('caughtUp').length + here.of('caughtUp').length === 2)
      for (let n = 1; n <= 20; n += 1) {
        here.send(1, { user: bob.userId }, `to the web ${n}`)
        await web.tell(sendOf(messageId(n), { user: ann.userId }, `from the web ${n}`))
      }
      await eventually(() => web.of('accepted').length + here.of('accepted').length === 40)
      const counted = Array.from({ length: 20 }, (_, i) => i + 1)
      // A device may be shown its own messages, too: at their places between those of others.
      const of = (texts: string[], start: string) => texts.filter((text) => text.startsWith(start))
      const toWeb = counted.map((n) => `to the web ${n}`)
      const fromWeb = counted.map((n) => `from the web ${n}`)
      await eventually(() => expect(of(web.texts, 'to')).toEqual(toWeb))
      await eventually(() => expect(of(here.texts, 'from')).toEqual(fromWeb))
    },
  )

  test('says goodbye, and is closed in order', async () => {
    const { world, bob, dial } = await setup()
    const web = await dial().hello(bob)
    await eventually(() => web.of('caughtUp').length === 1)
    await web.tell({ $case: 'bye', value: {} })
    await eventually(() => expect(web.ending).toBe('1000'))
    await eventually(() => expect(world.presence).toContain('bob went clean'))
  })

  test('that hangs up has its session in grace', async () => {
    const { world, bob, dial } = await setup()
    const web = await dial().hello(bob)
    await eventually(() => web.of('caughtUp').length === 1)
    web.socket.terminate()
    await eventually(() => expect(world.presence).toContain('bob went dirty'))
  })

  test('is told to go elsewhere by a relay that stops, and then let go', async () => {
    const { world, bob, dial } = await setup()
    const web = await dial().hello(bob)
    await eventually(() => web.of('caughtUp').length === 1)
    world.connections.goAway(60_000)
    await eventually(() => web.of('goAway').length === 1)
    world.connections.close()
    await eventually(() => expect(web.ending).toMatch(/^4014 GOING_AWAY: /))
  })
})

describe('a socket ends with a code and a reason', () => {
  const hello = (of: Parameters<typeof helloOf>) =>
    ({ $case: 'hello', value: helloOf(...of) }) as const
  test.each([
    {
      note: 'bytes that are no frame',
      path: '/chat',
      message: Buffer.from([0xff, 0xff]),
      ending: /^4003 MALFORMED: /,
    },
    {
      note: 'text where bytes are spoken',
      path: '/chat',
      message: '{}',
      ending: /^4003 MALFORMED: /,
    },
    {
      note: 'text that is no JSON',
      path: '/chat?format=json',
      message: '{',
      ending: /^4003 MALFORMED: /,
    },
    {
      note: 'JSON of another shape',
      path: '/chat?format=json',
      message: '{"commands":7}',
      ending: /^4003 MALFORMED: /,
    },
    {
      note: 'bytes where JSON is spoken',
      path: '/chat?format=json',
      message: Buffer.from([10, 0]),
      ending: /^4003 MALFORMED: /,
    },
    {
      note: 'a message over the limit',
      path: '/chat',
      message: Buffer.alloc(256 * 1024 + 1),
      ending: /^1009/,
    },
    {
      note: 'much JSON before the hello',
      path: '/chat?format=json',
      message: JSON.stringify({ commands: Array.from({ length: 25_000 }, () => ({})) }),
      ending: /^4008 FRAME_TOO_LARGE: /,
    },
    {
      note: 'deep nesting',
      path: '/chat?format=json',
      message: '['.repeat(60_000),
      ending: /^4003 MALFORMED: /,
    },
  ])('for $note', async ({ path, message, ending }) => {
    const { world, ann, dial } = await setup()
    const here = world.connect(ann)
    const web = dial(path)
    await web.raw(message)
    await eventually(() => expect(web.ending).toMatch(ending))
    here.tell({ $case: 'ping', value: { nonce: 1 } })
    await eventually(() => here.of('pong').length === 1)
    await eventually(() => world.connections.size === 1)
  })

  test('for a token that is none, which is told like over gRPC', async () => {
    const { bob, dial } = await setup()
    const web = dial()
    await web.tell(hello([bob, { token: 'nonsense' }]))
    await eventually(() => expect(web.ending).toMatch(/^4016 TOKEN_INVALID: /))
  })

  test('for a command before the hello', async () => {
    const { dial } = await setup()
    const web = dial()
    await web.tell({ $case: 'ping', value: { nonce: 1 } })
    await eventually(() => expect(web.ending).toMatch(/^4009 HELLO_FIRST: /))
  })

  test('for a socket that says nothing', async () => {
    const { world, dial } = await setup()
    const web = dial()
    await eventually(() => world.connections.size === 1)
    world.hurry(11_000)
    await eventually(() => expect(web.ending).toMatch(/^4004 HELLO_LATE: /))
  })
})

describe('a page', () => {
  test.each([
    { note: 'of a stranger', origin: 'https://evil.example', status: 403 },
    {
      note: 'of a host that begins alike',
      origin: 'https://chat.example.evil.example',
      status: 403,
    },
    { note: 'without an origin to tell', origin: 'null', status: 403 },
    { note: 'that the operator has named', origin: 'https://chat.example', status: undefined },
  ])('$note may open a socket or not', async ({ origin, status }) => {
    const { bob, dial } = await setup()
    const web = dial('/chat', { origin })
    if (status === undefined) {
      await web.hello(bob)
      await eventually(() => web.of('caughtUp').length === 1)
    } else await eventually(() => expect(web.refusal).toBe(status))
  })

  test('of the same host may', async () => {
    const { world, bob, dial } = await setup()
    const web = await dial('/chat', { origin: `http://${world.door.address}` }).hello(bob)
    await eventually(() => web.of('caughtUp').length === 1)
  })

  test('is sent nowhere else', async () => {
    const { dial } = await setup()
    const web = dial('/admin')
    await eventually(() => expect(web.refusal).toBe(404))
  })
})

test('a socket that nobody reads costs a bounded amount, and gets everything when it is read again', async () => {
  const { world, ann, bob, dial } = await setup({ sendsPerSecond: 1e6, sendBurst: 1e6 })
  const here = world.connect(ann)
  const web = await dial().hello(bob)
  await eventually(() => web.of('caughtUp').length === 1)
  web.socket.pause()
  const count = 3_000
  const padding = 'x'.repeat(2_000)
  for (let n = 1; n <= count; n += 1) here.send(1, { user: bob.userId }, `${n} ${padding}`)
  await eventually(() => here.of('accepted').length === count)
  const [session] = world.engine.hub.sessionsOf(bob.user)
  expect(session!.queuedBytes).toBeLessThan(2 * 1024 * 1024)
  expect(session!.blockedSinceMs).toBeDefined()
  web.socket.resume()
  await eventually(() => expect(web.texts).toHaveLength(count))
  expect(web.texts.map((text) => Number.parseInt(text, 10))).toEqual(
    Array.from({ length: count }, (_, i) => i + 1),
  )
})

test('pings are answered, and cost nothing when nobody reads the answers', async () => {
  const { bob, dial, world } = await setup()
  const web = await dial().hello(bob)
  await eventually(() => web.of('caughtUp').length === 1)
  const payload = Buffer.alloc(125, 1)
  const pong = new Promise((resolve) => web.socket.once('pong', resolve))
  web.socket.ping(payload)
  expect(await pong).toEqual(payload)
  web.socket.pause()
  const before = await heldBytes()
  for (let round = 0; round < 100; round += 1) {
    for (let i = 0; i < 2_000; i += 1) web.socket.ping(payload)
    await eventually(() => web.socket.bufferedAmount === 0)
  }
  // 200,000 answers would be 25 MB, beyond what the kernel takes of a connection.
  expect((await heldBytes()) - before).toBeLessThan(12 * 1024 * 1024)
  web.socket.resume()
  await web.tell({ $case: 'ping', value: { nonce: 1 } })
  await eventually(() => web.of('pong').length === 1)
  expect(world.connections.size).toBe(1)
})

test('who says goodbye and does not hang up is cut off after 5 s', async () => {
  const { world } = await setup()
  const { socket, got } = bareSocket(world.door.address)
  socket.allowHalfOpen = true
  socket.write(upgradeRequest)
  await eventually(() => world.connections.size === 1)
  socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]))
  await eventually(() => world.connections.size === 0)
  expect(got.bytes.toString('latin1')).toContain('101 Switching Protocols')
})

test('a relay that stops lets sockets go, opens no new ones, and waits for nobody who says nothing', async () => {
  const { world, bob, dial } = await setup()
  const web = await dial().hello(bob)
  const [late, mute] = [bareSocket(world.door.address), bareSocket(world.door.address)]
  for (const { socket } of [late, mute]) socket.write(upgradeRequest.slice(0, 30))
  await eventually(() => web.of('caughtUp').length === 1)
  const pong = new Promise((resolve) => web.socket.once('pong', resolve))
  web.socket.ping()
  await pong
  const over = farewell(world.door, world.connections, 300)
  await eventually(() => web.of('goAway').length === 1)
  late.socket.write(upgradeRequest.slice(30))
  await eventually(() => late.got.closed)
  expect(late.got.bytes.toString()).toMatch(/^HTTP\/1\.1 503 /)
  await over
  await eventually(() => expect(web.ending).toMatch(/^4014 GOING_AWAY: /))
})

const upgradeRequest = [
  'GET /chat HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')
