import { describe, expect, test } from 'vitest'
import { AppError } from '@parley/errors'
import { uuidv7 } from '@parley/service-kit'
import { sendOf } from '../testing/fake-device.ts'
import { fakeWorld } from '../testing/fake-world.ts'
import type { FakeWorldOptions } from '../testing/fake-world.ts'
import type { Journal } from '../store/journal.ts'

/** A disk that can be away: commits are lost, or wait, as the test says. */
function moodyDisk() {
  let mood: 'well' | 'lost' | 'slow' = 'well'
  let goOn = () => undefined as void
  const around = (journal: Journal): Journal => ({
    ...journal,
    async commit(batch) {
      if (mood === 'lost') throw new AppError('unavailable', 'STORE_UNAVAILABLE', 'disk full')
      if (mood === 'slow') await new Promise<void>((resolve) => (goOn = resolve))
      return journal.commit(batch)
    },
  })
  const be = (now: typeof mood) => {
    mood = now
    goOn()
  }
  return { around, be }
}

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

describe('a message whose outcome is not known', () => {
  test('is called unresolved, and later ones to the same conversation wait for it', async () => {
    const disk = moodyDisk()
    const { world, bob, annHere, bobHere, direct } = await setup({ around: disk.around })
    const group = await world.group(annHere.login)
    disk.be('lost')
    const lost = annHere.send(direct, 'lost')
    await world.settle()
    disk.be('well')
    expect(annHere.of('unresolved')).toEqual([{ clientMessageId: lost, retryAfterMs: 1_000 }])
    const later = annHere.send(direct, 'later')
    const byName = annHere.send({ user: bob.userId }, 'by the other name')
    annHere.send(group, 'elsewhere')
    await world.settle()
    expect(annHere.of('refused')).toMatchObject([
      { clientMessageId: later, reason: 'PREDECESSOR' },
      { clientMessageId: byName, reason: 'PREDECESSOR' },
    ])
    annHere.tell(sendOf(lost, direct, 'lost'))
    await world.settle()
    annHere.tell(sendOf(later, direct, 'later'))
    await world.settle()
    expect(bobHere.seen(direct)).toEqual(['1 first', '2 lost', '3 later'])
    expect(annHere.seen(group).length).toBe(1)
  })

  test('is not overtaken by what waited for room on the same stream', async () => {
    const disk = moodyDisk()
    const { world, annHere, bobHere, direct } = await setup({ around: disk.around })
    const group = await world.group(annHere.login)
    disk.be('lost')
    const ids = Array.from({ length: 70 }, () => Buffer.from(uuidv7(world.scheduler)))
    // The first 60 fill the stream's room together with four to bob; six to bob wait for room.
    annHere.tell(...ids.map((id, i) => sendOf(id, i < 60 ? group : direct, `text ${i}`)))
    world.scheduler.turn()
    await world.settle()
    disk.be('well')
    await world.settle()
    const refused = annHere.of('refused').map(({ clientMessageId }) => clientMessageId)
    expect(annHere.of('unresolved').length).toBe(64)
    expect(refused).toEqual(ids.slice(64))
    expect(bobHere.seen(direct)).toEqual(['1 first'])
  })

  test('is repeated with all that follows it in one go', async () => {
    const disk = moodyDisk()
    const { world, annHere, bobHere, direct } = await setup({ around: disk.around })
    disk.be('lost')
    const ids = ['a', 'b', 'c'].map((text) => annHere.send(direct, text))
    await world.settle()
    disk.be('well')
    annHere.tell(...ids.map((id, i) => sendOf(id, direct, 'abc'[i] ?? '')))
    annHere.send(direct, 'd')
    await world.settle()
    expect(annHere.of('refused')).toEqual([])
    expect(bobHere.seen(direct)).toEqual(['1 first', '2 a', '3 b', '4 c', '5 d'])
  })

  test('takes everything with it that was on its way behind it, in order', async () => {
    const disk = moodyDisk()
    const { world, annHere, bobHere, direct } = await setup({ around: disk.around })
    disk.be('lost')
    const ids = ['a', 'b', 'c'].map((text) => annHere.send(direct, text))
    await world.settle()
    disk.be('well')
    expect(annHere.of('unresolved').map(({ clientMessageId }) => clientMessageId)).toEqual(ids)
    annHere.tell(sendOf(ids[1]!, direct, 'b'))
    await world.settle()
    expect(annHere.of('refused')).toMatchObject([{ reason: 'PREDECESSOR' }])
    for (const [i, text] of ['a', 'b', 'c'].entries()) {
      annHere.tell(sendOf(ids[i]!, direct, text))
      await world.settle()
    }
    expect(bobHere.seen(direct)).toEqual(['1 first', '2 a', '3 b', '4 c'])
  })

  test('is told after 8 s, and when it was stored after all, everybody gets it once', async () => {
    const disk = moodyDisk()
    const { world, annHere, bobHere, direct } = await setup({ around: disk.around })
    disk.be('slow')
    const slow = annHere.send(direct, 'slow')
    for (let s = 0; s < 10; s += 1) await world.scheduler.advance(1_000)
    expect(annHere.of('unresolved').length).toBe(1)
    disk.be('well')
    await world.settle()
    // The sender was told that it is not known, so it gets the entry like everybody else.
    for (const device of [annHere, bobHere]) {
      expect(device.seen(direct)).toEqual(['1 first', '2 slow'])
    }
    annHere.tell(sendOf(slow, direct, 'slow'))
    await world.settle()
    expect(annHere.of('accepted').at(-1)).toMatchObject({ seq: 2, duplicate: true })
    annHere.tell({ $case: 'ack', value: { conversationId: direct, epoch: 1, seq: 2 } })
    bobHere.send(direct, 'answer')
    await world.settle()
    expect(annHere.seen(direct)).toEqual(['1 first', '2 slow', '3 answer'])
    expect(bobHere.of('receipts').at(-1)?.positions[0]).toMatchObject({ deliveredSeq: 2 })
  })

  test('leaves streams open: reading marks and acknowledgements may be lost with the disk', async () => {
    const disk = moodyDisk()
    const { world, bobHere, direct } = await setup({ around: disk.around })
    disk.be('lost')
    bobHere.tell(
      { $case: 'read', value: { conversationId: direct, seq: 1 } },
      { $case: 'ack', value: { conversationId: direct, epoch: 1, seq: 1 } },
      { $case: 'ping', value: { nonce: 7 } },
    )
    await world.scheduler.advance(200)
    expect(bobHere.refusal).toBeUndefined()
    expect(bobHere.of('pong')).toMatchObject([{ nonce: 7 }])
  })
})

describe('sends of one session', () => {
  test('are at most 64 without an answer; the stream is not read beyond', async () => {
    const disk = moodyDisk()
    const { world, annHere, bobHere, direct } = await setup({ around: disk.around })
    disk.be('slow')
    for (let i = 0; i < 100; i += 1) annHere.send(direct, `t${i}`)
    await world.settle()
    expect(world.engine.commits.depth).toBe(64)
    expect(annHere.isPaused).toBe(true)
    disk.be('well')
    await world.settle()
    expect(annHere.isPaused).toBe(false)
    expect(bobHere.seen(direct).slice(1)).toEqual(
      Array.from({ length: 100 }, (_, i) => `${i + 2} t${i}`),
    )
  })

  test('over the rate are announced and wait; nothing is refused and order is kept', async () => {
    const { world, annHere, bobHere, direct } = await setup({ sendsPerSecond: 10, sendBurst: 5 })
    for (let i = 0; i < 25; i += 1) annHere.send(direct, `t${i}`)
    await world.settle()
    expect(bobHere.seen(direct).length).toBeLessThan(7)
    expect(annHere.of('throttle').length).toBe(1)
    expect(annHere.isPaused).toBe(true)
    await world.scheduler.advance(3_000)
    expect(annHere.of('refused')).toEqual([])
    expect(bobHere.seen(direct).slice(1)).toEqual(
      Array.from({ length: 25 }, (_, i) => `${i + 2} t${i}`),
    )
    expect(annHere.isPaused).toBe(false)
  })

  test('count for the user: a second device does not double the rate', async () => {
    const { world, ann, annHere, bobHere, direct } = await setup({
      sendsPerSecond: 10,
      sendBurst: 10,
    })
    const phone = world.connect(await world.another(ann))
    await world.scheduler.advance(2_000)
    for (let i = 0; i < 20; i += 1) {
      annHere.send(direct, `a${i}`)
      phone.send(direct, `p${i}`)
    }
    await world.scheduler.advance(1_000)
    expect(bobHere.seen(direct).length).toBeLessThanOrEqual(1 + 10 + 10 + 1)
  })

  test('that wait for their rate do not make the device look silent', async () => {
    const { world, annHere, direct } = await setup({
      sendsPerSecond: 1,
      sendBurst: 1,
      heartbeatMs: 5_000,
    })
    for (let i = 0; i < 60; i += 1) annHere.send(direct, `t${i}`)
    await world.scheduler.advance(50_000)
    expect(annHere.refusal).toBeUndefined()
  })

  test.each([
    {
      note: 'no UUIDv7 as its id',
      change: { clientMessageId: Buffer.alloc(16) },
      reason: 'ID_MALFORMED',
    },
    { note: 'no destination', change: { target: undefined }, reason: 'DESTINATION_MALFORMED' },
    {
      note: 'somebody unknown as its destination',
      change: { target: { $case: 'userId' as const, value: Buffer.alloc(16, 3) } },
      reason: 'USER_UNKNOWN',
    },
    {
      note: 'a conversation of others as its destination',
      change: { target: { $case: 'conversationId' as const, value: Buffer.alloc(16, 3) } },
      reason: 'NOT_A_MEMBER',
    },
    { note: 'an answer to nothing', change: { replyToSeq: 77 }, reason: 'NO_SUCH_ENTRY' },
    { note: 'an answer to minus one', change: { replyToSeq: -1 }, reason: 'NO_SUCH_ENTRY' },
    {
      note: 'a receipt for a text',
      change: { receipt: 'abc' },
      reason: 'ATTACHMENT_UNKNOWN',
    },
  ])('are refused with $note, and nobody else notices', async ({ change, reason }) => {
    const { world, annHere, bobHere, direct } = await setup()
    const send = sendOf(Buffer.from(annHere.of('accepted')[0]!.clientMessageId), direct, 'bad')
    if (send.$case !== 'send') throw new Error('a send')
    const id = Buffer.from(send.value.clientMessageId)
    id[15] = (id[15]! + 1) % 256
    annHere.tell({ $case: 'send', value: { ...send.value, clientMessageId: id, ...change } })
    annHere.send(direct, 'good')
    await world.settle()
    expect(annHere.of('refused')).toMatchObject([{ reason }])
    expect(bobHere.seen(direct)).toEqual(['1 first', '2 good'])
  })
})
