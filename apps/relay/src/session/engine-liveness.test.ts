import { describe, expect, test } from 'vitest'
import { fakeWorld } from '../testing/fake-world.ts'
import type { FakeWorldOptions } from '../testing/fake-world.ts'

async function setup(options: FakeWorldOptions = {}) {
  const world = fakeWorld(options)
  const ann = await world.register('ann')
  const annHere = world.connect(ann)
  await world.settle()
  return { world, ann, annHere }
}

describe('a stream', () => {
  test('lives as long as its device is heard now and then', async () => {
    const { world, annHere } = await setup()
    for (let i = 0; i < 10; i += 1) {
      await world.scheduler.advance(70_000)
      annHere.tell({ $case: 'ping', value: { nonce: i } })
    }
    await world.settle()
    expect(annHere.refusal).toBeUndefined()
    expect(annHere.of('pong').map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('ends 15 s after a missed heartbeat, and its session stays in grace', async () => {
    const { world, annHere } = await setup()
    await world.scheduler.advance(74_000)
    expect(annHere.refusal).toBeUndefined()
    await world.scheduler.advance(3_000)
    expect(annHere.refusal?.reason).toBe('SILENT')
    expect(world.presence).toEqual(['ann came', 'ann went dirty'])
    expect(world.engine.hub.sessions.size).toBe(0)
  })

  test('ends 30 s after its token has expired, with a word about it', async () => {
    const { world, ann } = await setup({ heartbeatMs: 600_000 })
    world.tokens.lifeMs = 100_000
    const short = world.connect(ann)
    await world.scheduler.advance(129_000)
    expect(short.of('kicked')).toEqual([])
    await world.scheduler.advance(3_000)
    expect(short.of('kicked')).toEqual([{ reason: 'TOKEN_EXPIRED' }])
    expect(world.engine.hub.sessions.size).toBe(0)
  })

  test('goes on when its token is renewed', async () => {
    const { world, ann } = await setup({ heartbeatMs: 600_000 })
    world.tokens.lifeMs = 100_000
    const here = world.connect(ann)
    await world.scheduler.advance(90_000)
    here.tell({ $case: 'renew', value: { accessToken: ann.token } })
    await world.scheduler.advance(120_000)
    expect(here.isEnded).toBe(false)
    expect(here.refusal).toBeUndefined()
  })

  test.each([
    { note: 'a token of nobody', token: () => Promise.resolve('00') },
    {
      note: 'a token of another login of the same user',
      token: async (s: Awaited<ReturnType<typeof setup>>) => (await s.world.another(s.ann)).token,
    },
  ])('ends when it is renewed with $note', async ({ token }) => {
    const s = await setup()
    const accessToken = await token(s)
    s.annHere.tell({ $case: 'renew', value: { accessToken } })
    await s.world.settle()
    expect(s.annHere.refusal?.reason).toBe('TOKEN_INVALID')
  })

  test('ends at once when its login is revoked, transient ones too', async () => {
    const { world, ann, annHere } = await setup()
    const phone = await world.another(ann)
    const phoneHere = world.connect(phone)
    const shot = world.connect(phone, { transient: true })
    await world.settle()
    await world.run('revokeDevice', { user: ann.user, deviceId: phone.deviceId })
    await world.settle()
    for (const device of [phoneHere, shot]) {
      expect(device.of('kicked')).toEqual([{ reason: 'REVOKED' }])
      expect(device.isEnded).toBe(true)
    }
    expect(annHere.isEnded).toBe(false)
    const again = world.connect(phone)
    await world.settle()
    expect(again.refusal?.reason).toBe('LOGIN_ENDED')
  })

  test('ends cleanly by Bye: presence is told so, and nothing is heard after it', async () => {
    const { world, annHere } = await setup()
    annHere.tell({ $case: 'bye', value: {} }, { $case: 'ping', value: { nonce: 1 } })
    await world.settle()
    expect([annHere.isEnded, annHere.refusal]).toEqual([true, undefined])
    expect(annHere.of('pong')).toEqual([])
    expect(world.presence).toEqual(['ann came', 'ann went clean'])
    annHere.cut()
    expect(world.presence.length).toBe(2)
  })

  test('that breaks leaves its session in grace, once', async () => {
    const { world, annHere } = await setup()
    annHere.cut()
    annHere.cut()
    expect(world.presence).toEqual(['ann came', 'ann went dirty'])
  })

  test('that breaks while its hello is under way leaves nothing behind', async () => {
    const { world, ann } = await setup()
    const phone = await world.another(ann)
    for (let hops = 0; hops < 12; hops += 1) {
      const device = world.connect(phone)
      for (let hop = 0; hop < hops; hop += 1) await Promise.resolve()
      device.cut()
      await world.settle()
    }
    expect(world.engine.hub.sessions.size).toBe(1)
    expect(world.presence.filter((line) => line.endsWith('came')).length - 1).toBe(
      world.presence.filter((line) => line.endsWith('dirty')).length,
    )
    expect(world.engine.sessions.budget.usedBytes).toBe(0)
  })
})

describe('a relay that stops', () => {
  test('says so, ends what is left, and writes the last acknowledgements', async () => {
    const { world, ann, annHere } = await setup()
    const bob = await world.register('bob')
    const bobHere = world.connect(bob)
    await world.settle()
    bobHere.send({ user: ann.userId }, 'one')
    await world.settle()
    const { conversationId } = annHere.of('entries').at(-1)!
    annHere.tell({ $case: 'ack', value: { conversationId, epoch: 1, seq: 1 } })
    const last = bobHere.send(conversationId, 'last')
    world.connections.goAway(1_000)
    await world.settle()
    expect(annHere.of('goAway')).toEqual([{ deadlineMs: 1_000 }])
    await world.done(world.closers.close())
    expect(annHere.refusal?.reason).toBe('GOING_AWAY')
    expect(bobHere.of('accepted').at(-1)?.clientMessageId).toEqual(last)
    const { user, device } = ann
    const rows = await world.done(world.journal.ask('sessionView', { user, device }))
    expect(rows.find((row) => row.kind === 1)?.delivered).toBe(1)
    expect(world.scheduler.pendingTimers).toBe(0)
  })
})
