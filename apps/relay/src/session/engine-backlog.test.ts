import { describe, expect, test } from 'vitest'
import { FakeDevice, helloOf } from '../testing/fake-device.ts'
import { fakeWorld } from '../testing/fake-world.ts'

/** Two contacts with a direct conversation of `count` texts by ann: `1 t1`, `2 t2`, ... */
async function setup(count = 0) {
  const world = fakeWorld()
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  await world.befriend(ann, bob)
  const sender = world.connect(ann, { transient: true })
  for (let i = 1; i <= count; i += 1) {
    sender.send({ user: bob.userId }, `t${i}`)
    await world.settle()
  }
  const direct = sender.of('accepted')[0]?.conversationId ?? Buffer.alloc(16)
  return { world, ann, bob, sender, direct }
}

const texts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i} t${from + i}`)

describe('a device that connects', () => {
  test('is welcomed first, then gets what it missed, once and in order, then CaughtUp', async () => {
    const { world, bob, direct } = await setup(5)
    const device = world.connect(bob)
    await world.settle()
    expect(device.events[0]).toMatchObject({
      $case: 'welcome',
      value: { userId: bob.userId, userName: 'bob', heartbeatMs: 60_000, filesUrl: 'http://files' },
    })
    expect(device.seen(direct)).toEqual(texts(1, 5))
    expect(device.events.at(-1)?.$case).toBe('caughtUp')
    expect(device.of('caughtUp').length).toBe(1)
  })

  test('is told what a conversation is with the first run of it, and only then', async () => {
    const { world, ann, bob, direct, sender } = await setup(1)
    const device = world.connect(bob)
    await world.settle()
    sender.send(direct, 'more')
    await world.settle()
    const runs = device.of('entries').filter((run) => run.conversationId.equals(direct))
    expect(runs.map((run) => run.conversation?.peerName)).toEqual(['ann', undefined])
    expect(runs[0]?.conversation?.peerId).toEqual(ann.userId)
  })

  test('gets only what lies after its cursors', async () => {
    const { world, bob, direct } = await setup(9)
    const device = world.connect(bob, {
      cursors: [{ conversationId: direct, epoch: 1, seq: 6 }],
    })
    await world.settle()
    expect(device.seen(direct)).toEqual(texts(7, 9))
    expect(device.of('gap').length).toBe(0)
  })

  test.each([
    { note: 'beyond the head: nothing to send', cursor: { epoch: 1, seq: 999 }, from: 4 },
    { note: 'negative: everything', cursor: { epoch: 1, seq: -5 }, from: 1 },
    { note: 'of another epoch: everything', cursor: { epoch: 7, seq: 2 }, from: 1 },
  ])('survives a bogus cursor $note', async ({ cursor, from }) => {
    const { world, bob, direct, sender } = await setup(3)
    const stranger = { conversationId: Buffer.alloc(16, 9), epoch: 1, seq: 4 }
    const device = world.connect(bob, {
      cursors: [stranger, { conversationId: direct, ...cursor }],
    })
    await world.settle()
    sender.send(direct, 't4')
    await world.settle()
    expect(device.seen(direct)).toEqual(texts(from, 4))
  })

  test('gets the newest 50 entries at its very first hello, and a gap for the older ones', async () => {
    const { world, bob, direct } = await setup(60)
    const device = world.connect(bob)
    await world.settle()
    expect(device.of('gap')).toMatchObject([{ conversationId: direct, from: 1, to: 10, why: 2 }])
    expect(device.seen(direct)).toEqual(texts(11, 60))
  })

  test('gets the newest 50 entries that it may see of a group it has left', async () => {
    const { world, ann, bob } = await setup()
    const group = await world.group(ann, bob)
    const talk = world.connect(ann, { transient: true })
    for (let i = 0; i < 10; i += 1) talk.send(group, `before ${i}`)
    await world.settle()
    await world.run('leaveGroup', { user: bob.user, conversationId: group })
    for (let i = 0; i < 100; i += 1) talk.send(group, `after ${i}`)
    await world.settle()
    const device = world.connect(bob)
    await world.settle()
    expect(device.seen(group).filter((line) => line.includes('before')).length).toBe(10)
    expect(device.seen(group).filter((line) => line.includes('after'))).toEqual([])
  })

  test('starts where the server knows it stands when it names no cursor', async () => {
    const { world, bob, direct, sender } = await setup(5)
    const first = world.connect(bob)
    await world.settle()
    first.tell({ $case: 'ack', value: { conversationId: direct, epoch: 1, seq: 5 } })
    first.cut()
    await world.scheduler.advance(200)
    sender.send(direct, 't6')
    await world.settle()
    const again = world.connect(bob)
    await world.settle()
    expect(again.of('gap')).toMatchObject([{ from: 1, to: 5, why: 2 }])
    expect(again.seen(direct)).toEqual(texts(6, 6))
  })

  test('is told the gaps before joining and between leaving and returning', async () => {
    const { world, ann, bob } = await setup()
    const carl = await world.register('carl')
    await world.befriend(ann, carl)
    const group = await world.group(ann, carl)
    const membership = { user: bob.user, conversationId: group }
    const talk = world.connect(ann, { transient: true })
    const say = async (text: string) => {
      talk.send(group, text)
      await world.settle()
    }
    await say('unheard')
    await world.run('joinGroup', membership)
    await say('heard')
    await world.run('leaveGroup', membership)
    await say('unheard too')
    await world.run('joinGroup', membership)
    await say('heard again')
    const device = world.connect(bob, {
      cursors: [{ conversationId: group, epoch: 1, seq: 0 }],
    })
    await world.settle()
    expect(device.of('gap')).toMatchObject([
      { from: 1, to: 3, why: 1 },
      { from: 7, to: 7, why: 1 },
    ])
    expect(device.seen(group)).toEqual([
      '4 membership',
      '5 heard',
      '6 membership',
      '8 membership',
      '9 heard again',
    ])
  })

  test('may say hello in several frames, of which only the first says who it is', async () => {
    const { world, bob, direct } = await setup(4)
    const split = new FakeDevice(world, bob)
    const more = { ...helloOf(bob), more: true }
    const cursors = [{ conversationId: direct, epoch: 1, seq: 3 }]
    const last = { ...helloOf(bob, { token: '', cursors }), deviceId: Buffer.alloc(0) }
    split.tell({ $case: 'hello', value: more })
    split.tell({ $case: 'hello', value: { ...last, protocolMin: 0, protocolMax: 0 } })
    await world.settle()
    expect(split.refusal).toBeUndefined()
    expect(split.seen(direct)).toEqual(texts(4, 4))
  })
})

describe('a hello is refused', () => {
  test.each([
    { note: 'with a token nobody gave', change: { accessToken: 'abcd' }, reason: 'TOKEN_INVALID' },
    {
      note: 'for another device than the token names',
      change: { deviceId: Buffer.alloc(16) },
      reason: 'DEVICE_MISMATCH',
    },
    {
      note: 'in a protocol of the future',
      change: { protocolMin: 2, protocolMax: 3 },
      reason: 'PROTOCOL_UNSUPPORTED',
    },
    {
      note: 'with more than 10,000 cursors',
      change: {
        cursors: Array.from({ length: 10_001 }, () => ({
          conversationId: Buffer.alloc(16),
          epoch: 1,
          seq: 1,
        })),
      },
      reason: 'TOO_MANY_CURSORS',
    },
  ])('$note', async ({ change, reason }) => {
    const { world, bob } = await setup()

    const device = new FakeDevice(world, bob)
    device.tell(
      { $case: 'hello', value: { ...helloOf(bob), ...change } },
      // A client that pipelines must still hear why its hello was refused.
      { $case: 'ping', value: { nonce: 1 } },
    )
    await world.settle()
    expect(device.refusal?.reason).toBe(reason)
    expect(device.events).toEqual([])
    expect(world.engine.hub.sessions.size).toBe(1)
  })

  test('a second time in one stream', async () => {
    const { world, bob } = await setup()
    const device = world.connect(bob)
    await world.settle()
    device.hello()
    await world.settle()
    expect(device.refusal?.reason).toBe('HELLO_TWICE')
  })

  test('when something else comes before it', async () => {
    const { world, bob } = await setup()

    const device = new FakeDevice(world, bob)
    device.tell({ $case: 'ping', value: { nonce: 1 } })
    expect(device.refusal?.reason).toBe('HELLO_FIRST')
  })

  test('when it does not come within 10 s', async () => {
    const { world, bob } = await setup()

    const device = new FakeDevice(world, bob)
    await world.scheduler.advance(12_000)
    expect(device.refusal?.reason).toBe('HELLO_LATE')
    expect(world.connections.size).toBe(1)
  })
})
