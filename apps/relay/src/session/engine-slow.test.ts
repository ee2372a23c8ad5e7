import { describe, expect, test } from 'vitest'
import { fakeWorld } from '../testing/fake-world.ts'
import type { FakeDevice } from '../testing/fake-device.ts'
import { maxProcessBytes, maxSessionBytes } from './send-queue.ts'

const kib = 'x'.repeat(1024)

/** Ann writes to bob, who has stopped reading. */
async function setup() {
  const world = fakeWorld()
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  await world.befriend(ann, bob)
  const annHere = world.connect(ann, { transient: true })
  const bobHere = world.connect(bob)
  await world.settle()
  annHere.send({ user: bob.userId }, 'first')
  await world.settle()
  const direct = annHere.of('accepted')[0]?.conversationId ?? Buffer.alloc(16)
  const write = async (count: number, text = kib) => {
    for (let i = 0; i < count; i += 50) {
      for (let j = i; j < Math.min(count, i + 50); j += 1) annHere.send(direct, `${j} ${text}`)
      await world.settle()
    }
  }
  return { world, ann, bob, annHere, bobHere, direct, write }
}

/** Reads until nothing more comes. */
async function readAll(world: { settle(): Promise<void> }, device: FakeDevice): Promise<void> {
  for (let before = -1; before !== device.events.length;) {
    before = device.events.length
    device.read()
    await world.settle()
  }
}

const numbers = (lines: readonly string[]) => lines.map((line) => Number(line.split(' ')[0]))
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('a device that reads slowly', () => {
  test('gets everything once and in order, however much was written meanwhile', async () => {
    const { world, bobHere, direct, write } = await setup()
    bobHere.stopReading()
    await write(3_000)
    await readAll(world, bobHere)
    expect(numbers(bobHere.seen(direct))).toEqual(upTo(3_001))
    expect(bobHere.of('caughtUp').length).toBe(1)
    await write(1, 'live again')
    expect(bobHere.seen(direct).at(-1)).toContain('live again')
  })

  test('costs at most 1 MiB of entries, and is told the head once when it reads again', async () => {
    const { world, bobHere, direct, write } = await setup()
    bobHere.stopReading()
    let mostBytes = 0
    for (let i = 0; i < 30; i += 1) {
      await write(100)
      mostBytes = Math.max(mostBytes, bobHere.connection.session!.queuedBytes)
    }
    expect(mostBytes).toBeGreaterThan(maxSessionBytes / 2)
    expect(mostBytes).toBeLessThanOrEqual(maxSessionBytes)
    expect(bobHere.inTransitBytes).toBeLessThan(64 * 1024)
    bobHere.read()
    await world.settle()
    expect(bobHere.of('head')).toMatchObject([{ conversationId: direct, seq: 3_001 }])
    await readAll(world, bobHere)
    expect(bobHere.of('head').length).toBe(1)
  })

  test('that reads a frame now and then is not told heads over and over', async () => {
    const { world, bob, direct, write, bobHere } = await setup()
    bobHere.cut()
    await write(2_000)
    const cursors = [{ conversationId: direct, epoch: 1, seq: 0 }]
    const late = world.connect(bob, { cursors })
    late.stopReading(2)
    await world.settle()
    for (let i = 0; i < 200; i += 1) {
      late.read()
      late.stopReading(2)
      await world.settle()
    }
    await readAll(world, late)
    expect(numbers(late.seen(direct))).toEqual(upTo(2_001))
    expect(late.of('head')).toEqual([])
  })

  test('still gets every answer to its own messages', async () => {
    const { world, bobHere, direct, write } = await setup()
    bobHere.stopReading()
    const ids = Array.from({ length: 60 }, (_, i) => bobHere.send(direct, `mine ${i}`))
    await write(2_000)
    await readAll(world, bobHere)
    expect(bobHere.of('accepted').map(({ clientMessageId }) => clientMessageId)).toEqual(ids)
  })

  test('gets only the last of the hints that came meanwhile', async () => {
    const { world, annHere, bobHere, bob } = await setup()
    bobHere.stopReading(0)
    // Something to be stuck on; lasting sessions of ann tell their typing.
    const ann = world.connect(annHere.login)
    await world.settle()
    const direct = ann.of('entries')[0]!.conversationId
    annHere.send({ user: bob.userId }, 'blocks')
    await world.settle()
    for (let i = 0; i < 21; i += 1) {
      const value = { conversationId: direct, typing: i % 2 === 0 }
      ann.tell({ $case: 'typing', value })
      await world.settle()
    }
    await readAll(world, bobHere)
    expect(bobHere.of('typing')).toMatchObject([{ typing: true }])
  })

  test('is let go after 30 s in which it took nothing, and resumes later', async () => {
    const { world, bob, bobHere, direct, write } = await setup()
    bobHere.stopReading()
    await write(10)
    await world.scheduler.advance(29_000)
    expect(bobHere.refusal).toBeUndefined()
    await world.scheduler.advance(3_000)
    expect(bobHere.refusal?.reason).toBe('STUCK')
    const cursors = [{ conversationId: direct, epoch: 1, seq: 1 }]
    const again = world.connect(bob, { cursors })
    await world.settle()
    expect(numbers(again.seen(direct))).toEqual(upTo(11).slice(1))
  })

  test('is not let go while it takes something now and then', async () => {
    const { world, bobHere, write } = await setup()
    bobHere.stopReading()
    await write(10)
    for (let i = 0; i < 4; i += 1) {
      await world.scheduler.advance(20_000)
      bobHere.connection.advanced()
      bobHere.tell({ $case: 'ping', value: { nonce: i } })
    }
    expect(bobHere.refusal).toBeUndefined()
  })
})

describe('memory for all sessions', () => {
  test('is taken back from those who do not read when it runs out', async () => {
    const { world, bobHere, direct, write } = await setup()
    const { budget } = world.engine.sessions
    bobHere.stopReading()
    await write(500)
    const session = bobHere.connection.session!
    expect(session.queuedBytes).toBeGreaterThan(400 * 1024)
    budget.usedBytes += maxProcessBytes
    await world.scheduler.advance(1_000)
    expect(session.queuedBytes).toBe(0)
    budget.usedBytes -= maxProcessBytes
    await readAll(world, bobHere)
    expect(numbers(bobHere.seen(direct))).toEqual(upTo(501))
  })

  test('comes back whatever way a session ends', async () => {
    const { world, bobHere, write } = await setup()
    const { budget } = world.engine.sessions
    const phone = world.connect(await world.another(bobHere.login))
    const tablet = world.connect(await world.another(bobHere.login))
    await world.settle()
    for (const device of [bobHere, phone, tablet]) device.stopReading()
    await write(100)
    expect(budget.usedBytes).toBeGreaterThan(250 * 1024)
    bobHere.cut()
    phone.tell({ $case: 'bye', value: {} })
    // As when its log cannot be read; what is written before anybody notices must not be kept.
    tablet.connection.session?.destroy()
    await write(10)
    expect(budget.usedBytes).toBe(0)
  })

  test('for answers is bounded: a device that does not read is not listened to', async () => {
    const { world, bobHere } = await setup()
    bobHere.stopReading()
    for (let frame = 0; frame < 20; frame += 1) {
      const pings = Array.from({ length: 1_000 }, (_, i) => ({
        $case: 'ping' as const,
        value: { nonce: frame * 1_000 + i },
      }))
      if (!bobHere.isPaused) bobHere.tell(...pings)
      await world.settle()
    }
    expect(bobHere.isPaused).toBe(true)
    expect(bobHere.connection.session!.queuedControls).toBeLessThan(5_000)
    await readAll(world, bobHere)
    await world.scheduler.advance(1_000)
    expect(bobHere.isPaused).toBe(false)
    const nonces = bobHere.of('pong').map(({ nonce }) => nonce)
    expect(nonces).toEqual(nonces.map((_, i) => i))
  })
})
