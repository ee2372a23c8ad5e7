import { describe, expect, test } from 'vitest'
import { countEveryMs } from '../hub/read-counts.ts'
import { maxReceiptFollowers } from './mention-position.ts'
import { sendOf } from '../testing/fake-device.ts'
import { fakeWorld } from '../testing/fake-world.ts'
import type { FakeWorldOptions } from '../testing/fake-world.ts'

/** Ann and bob, contacts, with a direct conversation of one entry; both connected. */
async function setup(options: FakeWorldOptions = {}) {
  const world = fakeWorld(options)
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  await world.befriend(ann, bob)
  const [annHere, bobHere] = [world.connect(ann), world.connect(bob)]
  await world.settle()
  annHere.send({ user: bob.userId }, 'first')
  await world.settle()
  const direct = annHere.of('accepted')[0]?.conversationId ?? Buffer.alloc(16)
  return { world, ann, bob, annHere, bobHere, direct }
}

describe('what is written while devices are connected', () => {
  test('is pushed to the others at once, in order, and answered to the sender after the commit', async () => {
    const { world, annHere, bobHere, direct } = await setup()
    const ids = ['a', 'b', 'c'].map((text) => annHere.send(direct, text))
    expect(annHere.of('accepted').length).toBe(1)
    await world.settle()
    expect(bobHere.seen(direct)).toEqual(['1 first', '2 a', '3 b', '4 c'])
    expect(annHere.of('accepted').slice(1)).toMatchObject(
      ids.map((clientMessageId, i) => ({ clientMessageId, seq: i + 2, duplicate: false })),
    )
  })

  test('is not sent back to the exact session that wrote it, but to all others of its user', async () => {
    const { world, ann, annHere, direct } = await setup()
    const phone = world.connect(await world.another(ann))
    const sameDevice = world.connect(ann, { transient: true })
    await world.settle()
    annHere.send(direct, 'from here')
    sameDevice.send(direct, 'from a one-shot')
    await world.settle()
    expect(phone.seen(direct)).toEqual(['1 first', '2 from here', '3 from a one-shot'])
    expect(annHere.seen(direct)).toEqual(['1 first', '3 from a one-shot'])
    expect(sameDevice.of('entries')).toEqual([])
  })

  test('is answered with the same number when it is repeated, and stored once', async () => {
    const { world, annHere, bobHere, direct } = await setup()
    const id = annHere.send(direct, 'once')
    await world.settle()
    annHere.tell(sendOf(id, direct, 'once'))
    annHere.tell(sendOf(id, direct, 'other words'))
    await world.settle()
    expect(annHere.of('accepted').slice(1)).toMatchObject([
      { clientMessageId: id, seq: 2, duplicate: false },
      { clientMessageId: id, seq: 2, duplicate: true },
    ])
    expect(annHere.of('refused')).toMatchObject([{ clientMessageId: id, reason: 'ID_CONFLICT' }])
    expect(bobHere.seen(direct)).toEqual(['1 first', '2 once'])
  })

  test('opens the direct conversation on both sides when it is the first message', async () => {
    const { world, ann, annHere } = await setup()
    const carl = await world.register('carl')
    const carlHere = world.connect(carl)
    await world.settle()
    annHere.send({ user: carl.userId }, 'hello')
    await world.settle()
    const { conversationId } = annHere.of('accepted').at(-1)!
    expect(carlHere.seen(conversationId)).toEqual(['1 hello'])
    expect(carlHere.of('entries').at(-1)?.conversation).toMatchObject({
      kind: 1,
      peerId: ann.userId,
      peerName: 'ann',
    })
  })

  test('reaches a session that connects in the middle, once and in order', async () => {
    const { world, bob, annHere, direct } = await setup()
    for (let i = 0; i < 30; i += 1) annHere.send(direct, `before ${i}`)
    const late = world.connect(await world.another(bob))
    for (let i = 0; i < 30; i += 1) annHere.send(direct, `after ${i}`)
    await world.settle()
    expect(late.seen(direct).length).toBeGreaterThanOrEqual(50)
    const numbers = late.seen(direct).map((line) => Number(line.split(' ')[0]))
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i))
    expect(numbers.at(-1)).toBe(61)
  })
})

describe('a transient session', () => {
  test('is welcome and caught up at once, asks and sends, and gets no entries', async () => {
    const { world, bob, annHere, direct } = await setup()
    const shot = world.connect(bob, { transient: true })
    await world.settle()
    expect(shot.events.map((event) => event.$case)).toEqual(['welcome', 'caughtUp'])
    shot.send(direct, 'hi')
    await world.settle()
    expect(shot.of('accepted')).toMatchObject([{ seq: 2 }])
    annHere.send(direct, 'answer')
    await world.settle()
    expect(shot.of('entries')).toEqual([])
  })

  test('replaces nobody, and is told to nobody', async () => {
    const { world, ann, annHere } = await setup()
    const before = world.presence.length
    world.connect(ann, { transient: true })
    await world.settle()
    expect(annHere.isEnded).toBe(false)
    expect(world.presence.length).toBe(before)
  })
})

describe('a second lasting session of a device', () => {
  test('ends the first one, which is told so', async () => {
    const { world, ann, annHere } = await setup()
    const again = world.connect(ann)
    await world.settle()
    expect(annHere.of('kicked')).toEqual([{ reason: 'REPLACED' }])
    expect(annHere.isEnded).toBe(true)
    expect([...world.engine.hub.sessionsOf(ann.user)]).toEqual([again.connection.session])
  })

  test('carries out nothing more that the first one has sent', async () => {
    const { world, ann, annHere, bobHere, direct } = await setup()
    world.connect(ann)
    await world.settle()
    annHere.send(direct, 'from a stream that is over')
    await world.settle()
    expect(bobHere.seen(direct).some((line) => line.includes('is over'))).toBe(false)
  })

  test('ends it also when it does not read, and then it still hears why', async () => {
    const { world, ann, bobHere, annHere, direct } = await setup()
    annHere.stopReading()
    bobHere.send(direct, 'unread')
    bobHere.send(direct, 'unread too')
    await world.settle()
    bobHere.send(direct, 'and this')
    await world.settle()
    world.connect(ann)
    await world.settle()
    annHere.read()
    expect(annHere.of('kicked')).toEqual([{ reason: 'REPLACED' }])
  })
})

describe('hints', () => {
  test('of typing reach the other members only, and the last of several counts', async () => {
    const { world, ann, annHere, bobHere, direct } = await setup()
    const carlHere = world.connect(await world.register('carl'))
    await world.settle()
    const typing = (is: boolean) =>
      ({ $case: 'typing', value: { conversationId: direct, typing: is } }) as const
    annHere.tell(typing(true), typing(false), typing(true))
    await world.settle()
    expect(bobHere.of('typing')).toEqual([
      { conversationId: direct, userId: ann.userId, userName: 'ann', typing: true },
    ])
    expect([annHere.of('typing'), carlHere.of('typing')]).toEqual([[], []])
    carlHere.tell(typing(true))
    await world.settle()
    expect(bobHere.of('typing').length).toBe(1)
  })

  test('of delivery are told to the others when a device acknowledges', async () => {
    const { world, bob, annHere, bobHere, direct } = await setup()
    bobHere.tell({ $case: 'ack', value: { conversationId: direct, epoch: 1, seq: 1 } })
    await world.settle()
    expect(annHere.of('receipts')).toMatchObject([
      { conversationId: direct, positions: [{ userId: bob.userId, deliveredSeq: 1, readSeq: 0 }] },
    ])
  })

  test('of delivery are those of the furthest device', async () => {
    const { world, bob, annHere, bobHere, direct } = await setup()
    const phone = world.connect(await world.another(bob))
    annHere.send(direct, 'second')
    await world.settle()
    const ack = (seq: number) =>
      ({ $case: 'ack', value: { conversationId: direct, epoch: 1, seq } }) as const
    bobHere.tell(ack(2))
    phone.tell(ack(1))
    await world.settle()
    expect(annHere.of('receipts').map(({ positions }) => positions[0]?.deliveredSeq)).toEqual([2])
  })

  test('of reading are a count in a large group, at most once a second', async () => {
    const world = fakeWorld()
    const owner = await world.register('owner')
    const others = []
    for (let i = 0; i < maxReceiptFollowers; i += 1) {
      const member = await world.register(`member ${i}`)
      await world.befriend(owner, member)
      others.push(member)
    }
    const group = await world.group(owner, ...others)
    const [ownerHere, ...rest] = [owner, ...others].map((login) => world.connect(login))
    await world.settle()
    const last = Number.parseInt(ownerHere?.seen(group).at(-1) ?? '', 10)
    for (const device of rest.slice(0, 3)) {
      device.tell({ $case: 'read', value: { conversationId: group, seq: last } })
    }
    await world.settle()
    await world.scheduler.advance(2 * countEveryMs)
    expect(ownerHere?.of('receipts')).toMatchObject([{ positions: [], readCount: 3 }])
  })

  test('of reading are told once, to the other device of the reader as well', async () => {
    const { world, bob, annHere, bobHere, direct } = await setup()
    const phone = world.connect(await world.another(bob))
    await world.settle()
    const read = { $case: 'read', value: { conversationId: direct, seq: 99 } } as const
    bobHere.tell(read, read)
    await world.settle()
    for (const device of [annHere, phone]) {
      expect(device.of('receipts')).toMatchObject([{ positions: [{ readSeq: 1 }] }])
    }
  })

  test.each([
    { note: 'back', seq: 1, epoch: 1 },
    { note: 'beyond what was sent', seq: 5, epoch: 1 },
    { note: 'to another epoch', seq: 3, epoch: 2 },
  ])('are not given for an acknowledgement that goes $note', async ({ seq, epoch }) => {
    const { world, ann, bobHere, annHere, direct } = await setup()
    bobHere.send(direct, 'second')
    bobHere.send(direct, 'third')
    await world.settle()
    const ack = (at: number, of: number) =>
      ({ $case: 'ack', value: { conversationId: direct, epoch: of, seq: at } }) as const
    annHere.tell(ack(2, 1))
    await world.settle()
    annHere.tell(ack(seq, epoch))
    await world.scheduler.advance(200)
    const { user, device } = ann
    const rows = await world.done(world.journal.ask('sessionView', { user, device }))
    expect(rows.find((row) => row.kind === 1)?.delivered).toBe(2)
    expect(bobHere.of('receipts').map(({ positions }) => positions[0]?.deliveredSeq)).toEqual([2])
  })
})

describe('a pull', () => {
  test('sends the log again from the place it names', async () => {
    const { world, annHere, bobHere, direct } = await setup()
    for (const text of ['two', 'three']) annHere.send(direct, text)
    await world.settle()
    bobHere.events.length = 0
    bobHere.tell({ $case: 'pull', value: { conversationId: direct, afterSeq: 1 } })
    await world.settle()
    expect(bobHere.seen(direct)).toEqual(['2 two', '3 three'])
    annHere.send(direct, 'four')
    await world.settle()
    expect(bobHere.seen(direct)).toEqual(['2 two', '3 three', '4 four'])
  })

  test.each([
    { note: 'of a conversation of others', conversationId: Buffer.alloc(16, 5), afterSeq: 0 },
    { note: 'of an id that is none', conversationId: Buffer.alloc(3), afterSeq: 0 },
  ])('$note gets nothing', async ({ conversationId, afterSeq }) => {
    const { world, bobHere } = await setup()
    const before = bobHere.events.length
    bobHere.tell({ $case: 'pull', value: { conversationId, afterSeq } })
    await world.settle()
    expect(bobHere.events.length).toBe(before)
    expect(bobHere.refusal).toBeUndefined()
  })
})
