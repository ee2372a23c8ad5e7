import { chat } from '@parley/proto'
import { eventually, heldBytes } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { doorWorld } from '../../testing/door-world.ts'
import type { DoorWorldOptions } from '../../testing/door-world.ts'
import { helloOf, sendOf } from '../../testing/fake-device.ts'
import { maxSessionBytes } from '../../session/send-queue.ts'

/** Ann and bob, contacts; ann is connected and has written to bob once. */
async function setup(options: DoorWorldOptions = {}) {
  const world = await doorWorld(options)
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  await world.befriend(ann, bob)
  const annHere = world.connect(ann)
  annHere.send(1, { user: bob.userId }, 'first')
  const direct = await eventually(() => annHere.of('accepted')[0]!.conversationId)
  /** Ann writes, and is answered, as if nothing had happened. */
  const goesOn = async () => {
    const before = annHere.of('accepted').length
    annHere.send(1, direct, 'still here')
    await eventually(() => annHere.of('accepted').length === before + 1)
    expect(annHere.ending).toBeUndefined()
  }
  return { world, ann, bob, annHere, direct, goesOn }
}

const text = sendOf(Buffer.alloc(16, 1), Buffer.alloc(16, 2), 'early')
const frameOf = (command: chat.Command) =>
  chat.ConnectRequest.encode(chat.ConnectRequest.create({ commands: [command] })).finish()

describe('a stream ends with a status and a reason', () => {
  test.each([
    {
      note: 'when it sends before its hello',
      frame: () => frameOf({ command: text }),
      end: 'FAILED_PRECONDITION HELLO_FIRST',
    },
    {
      note: 'when its bytes are garbage',
      frame: () => Buffer.from('ffffffffff', 'hex'),
      end: 'INVALID_ARGUMENT MALFORMED',
    },
    {
      note: 'when it names a number above 2^53',
      // Ping { nonce: 2^63 - 1 }
      frame: () => Buffer.from('0a0c520a08ffffffffffffffff7f', 'hex'),
      end: 'INVALID_ARGUMENT MALFORMED',
    },
    {
      note: 'when its frame is over 256 KiB',
      frame: () =>
        frameOf({ command: sendOf(Buffer.alloc(16), Buffer.alloc(16), 'x'.repeat(300_000)) }),
      end: 'RESOURCE_EXHAUSTED ',
    },
    {
      note: 'when its token is worth nothing',
      frame: (login: Parameters<typeof helloOf>[0]) =>
        frameOf({ command: { $case: 'hello', value: helloOf(login, { token: '00' }) } }),
      end: 'UNAUTHENTICATED TOKEN_INVALID',
    },
  ])('$note, and nobody else notices', async ({ frame, end }) => {
    const { world, bob, goesOn } = await setup()
    const device = world.dial()
    device.raw(frame(bob))
    await eventually(() => device.end === end)
    await eventually(() => world.connections.size === 1)
    expect(world.engine.hub.sessions.size).toBe(1)
    await goesOn()
  })

  test('that tells a device not to come again when its login is over', async () => {
    const { world, bob } = await setup()
    await world.run('revokeDevice', { user: bob.user, deviceId: bob.deviceId })
    const device = world.connect(bob)
    await eventually(() => device.end === 'UNAUTHENTICATED LOGIN_ENDED')
  })

  test.each([
    { note: 'garbage', frame: Buffer.from('ffffffffff', 'hex') },
    { note: 'a frame over the limit', frame: Buffer.alloc(300_000) },
  ])('also after its hello, by $note: its session is in grace', async ({ frame }) => {
    const { world, bob, goesOn } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    device.raw(frame)
    await eventually(() => device.ending !== undefined)
    await eventually(() => world.presence.at(-1) === 'bob went dirty')
    await goesOn()
  })

  test('OK after Bye, and presence hears that it was clean', async () => {
    const { world, bob } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    device.tell({ $case: 'bye', value: {} })
    await eventually(() => device.end === 'OK ')
    expect(world.presence.at(-1)).toBe('bob went clean')
    await eventually(() => world.connections.size === 1)
  })

  test('OK when it ends without Bye, but presence waits for its return', async () => {
    const { world, bob } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    device.call.end()
    await eventually(() => device.end === 'OK ')
    expect(world.presence.at(-1)).toBe('bob went dirty')
    await eventually(() => world.connections.size === 1)
  })

  test('OK after Kicked when the device comes a second time', async () => {
    const { world, bob } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    const second = world.connect(bob)
    await eventually(() => device.end === 'OK ')
    expect(device.of('kicked')).toEqual([{ reason: 'REPLACED' }])
    await eventually(() => second.of('caughtUp').length === 1)
    await eventually(() => world.connections.size === 2)
  })

  test('when its token has expired, after being told so', async () => {
    const { world, bob } = await setup({ heartbeatMs: 600_000 })
    world.tokens.lifeMs = 1_000
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    world.hurry(40_000)
    await eventually(() => device.ending !== undefined)
    expect(device.of('kicked')).toEqual([{ reason: 'TOKEN_EXPIRED' }])
    await eventually(() => world.connections.size === 1)
  })

  test('when nothing was heard of its device', async () => {
    const { world, bob } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    world.hurry(80_000)
    await eventually(() => device.end === 'UNAVAILABLE SILENT')
  })

  test('when its session fails, within a second', async () => {
    const { world, bob } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    const [session] = world.engine.hub.sessionsOf(bob.user)
    session?.destroy()
    await eventually(() => device.ending !== undefined)
    await eventually(() => world.connections.size === 1)
    expect(world.engine.hub.sessionsOf(bob.user).size).toBe(0)
  })
})

describe('a connection', () => {
  test('that is reset in the middle of a message leaves its session in grace', async () => {
    const { world, bob, direct, goesOn } = await setup({ onDisk: true })
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    for (let i = 0; i < 50; i += 1) device.send(2, direct, `m${i}`)
    device.call.cancel()
    await eventually(() => world.presence.at(-1) === 'bob went dirty')
    await eventually(() => world.connections.size === 1)
    await goesOn()
  })

  test('may carry fields that this server does not know', async () => {
    const { world, bob } = await setup()
    const device = world.dial()
    const hello = chat.ConnectRequest.encode(
      chat.ConnectRequest.create({
        commands: [{ command: { $case: 'hello', value: helloOf(bob) } }],
      }),
    ).finish()
    // Field 900 (text) beside the commands, and a command whose case is 77.
    const unknown = Buffer.from('a23803616263', 'hex')
    const unknownCase = Buffer.from('0a05ea0402abcd', 'hex')
    device.raw(Buffer.concat([unknown, hello, unknownCase]))
    await eventually(() => device.of('caughtUp').length === 1)
    device.tell({ $case: 'ping', value: { nonce: 5 } })
    await eventually(() => device.of('pong')[0]?.nonce === 5)
  })
})

describe('a device that never reads', () => {
  test('costs a bounded amount of memory, and gets everything when it reads again', async () => {
    const { world, ann, bob, annHere, direct } = await setup({ onDisk: true })
    annHere.close()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    device.call.pause()
    const writer = world.connect(ann, { transient: true })
    await eventually(() => writer.of('caughtUp').length === 1)
    let count = 1
    const write = async (more: number) => {
      for (let i = 0; i < more; i += 200) {
        for (let j = 0; j < 200; j += 1) writer.send(3, direct, 'x'.repeat(1024))
        await eventually(() => writer.of('accepted').length === 200, { everyMs: 1 })
        writer.events.length = 0
      }
      count += more
    }
    await write(3_000)
    const before = await heldBytes()
    await write(12_000)
    const [session] = world.engine.hub.sessionsOf(bob.user)
    expect(session?.queuedBytes).toBeLessThanOrEqual(maxSessionBytes)
    expect(session?.blockedSinceMs).toBeDefined()
    // What is thrown away may take some turns to be collected; what is kept never goes.
    await eventually(async () => (await heldBytes()) - before < 8 * 1024 * 1024, { everyMs: 200 })
    device.call.resume()
    await eventually(() => device.numbers(direct).length === count)
    expect(device.numbers(direct)).toEqual(Array.from({ length: count }, (_, i) => i + 1))
  }, 60_000)

  test('is let go after 30 s, its stream too', async () => {
    const { world, ann, bob, direct, goesOn } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    device.call.pause()
    const writer = world.connect(ann, { transient: true })
    for (let i = 0; i < 400; i += 1) writer.send(3, direct, 'x'.repeat(8_000))
    await eventually(() => writer.of('accepted').length === 400)
    world.hurry(31_000)
    await eventually(() => world.engine.hub.sessionsOf(bob.user).size === 0)
    device.call.resume()
    await eventually(() => device.ending !== undefined)
    await eventually(() => world.connections.size === 2)
    await goesOn()
  }, 60_000)

  test('but slowly takes something is not let go', async () => {
    const { world, ann, bob, direct } = await setup()
    const device = world.connect(bob)
    await eventually(() => device.of('caughtUp').length === 1)
    device.call.pause()
    const writer = world.connect(ann, { transient: true })
    for (let i = 0; i < 400; i += 1) writer.send(3, direct, 'x'.repeat(8_000))
    await eventually(() => writer.of('accepted').length === 400)
    const [session] = world.engine.hub.sessionsOf(bob.user)
    for (let i = 0; i < 4; i += 1) {
      world.hurry(20_000)
      device.tell({ $case: 'ping', value: { nonce: i } })
      const frames = device.events.length
      // Some frames are taken in, far from all that was written.
      device.call.resume()
      await eventually(() => device.events.length > frames + 4, { everyMs: 1 })
      device.call.pause()
    }
    expect(session?.isOver).toBe(false)
    device.call.resume()
    await eventually(() => device.numbers(direct).length === 401)
  }, 60_000)
})
