import { describe, expect, test } from 'vitest'
import type { FakeDevice } from '../testing/fake-device.ts'
import { relaysWorld } from '../testing/relays-world.ts'
import type { RelaysWorldOptions } from '../testing/relays-world.ts'

/** Ann is at one relay and bob at the other; they share a group, and ann has a phone beside bob. */
async function setup(options: RelaysWorldOptions = {}) {
  const world = relaysWorld(options)
  const { a, b, done } = world
  const ann = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  await done(a.befriend(ann, bob))
  const group = await done(a.group(ann, bob))
  const [annHere, bobHere] = [a.connect(ann), b.connect(bob)]
  const annPhone = b.connect(await done(a.another(ann)))
  await world.advance(3_000)
  const membership = { user: bob.user, conversationId: group }
  const removal = { user: ann.user, conversationId: group, otherId: bob.userId }
  const seen = (device: FakeDevice) =>
    device.seen(group).filter((line) => Number.parseInt(line, 10) > 2)
  return { ...world, ann, bob, annHere, bobHere, annPhone, group, membership, removal, seen }
}

describe('sessions at different relays', () => {
  test('get what is written at the other one, live and in order', async () => {
    const { annHere, bobHere, annPhone, group, settle, seen } = await setup()
    for (let i = 0; i < 20; i += 1) annHere.send(group, `${i}`)
    await settle()
    const expected = Array.from({ length: 20 }, (_, i) => `${i + 3} ${i}`)
    expect([seen(bobHere), seen(annPhone)]).toEqual([expected, expected])
    expect(seen(annHere)).toEqual([])
  })

  test('get direct messages too, on all devices of both users', async () => {
    const { annHere, bobHere, annPhone, bob, settle } = await setup()
    annHere.send({ user: bob.userId }, 'hello')
    await settle()
    const conversationId = annHere.of('accepted')[0]!.conversationId
    bobHere.send(conversationId, 'hello yourself')
    await settle()
    expect(bobHere.seen(conversationId)).toEqual(['1 hello'])
    expect(annPhone.seen(conversationId)).toEqual(['1 hello', '2 hello yourself'])
    expect(annHere.seen(conversationId)).toEqual(annPhone.seen(conversationId))
  })

  test('hear of typing, reading and storing', async () => {
    const { annHere, bobHere, annPhone, group, settle } = await setup()
    annHere.send(group, 'read this')
    annHere.tell({ $case: 'typing', value: { conversationId: group, typing: true } })
    await settle()
    bobHere.tell({ $case: 'ack', value: { conversationId: group, epoch: 1, seq: 3 } })
    bobHere.tell({ $case: 'read', value: { conversationId: group, seq: 3 } })
    await settle()
    expect(bobHere.of('typing')).toMatchObject([{ userName: 'ann', typing: true }])
    for (const device of [annHere, annPhone]) {
      expect(device.of('receipts').flatMap(({ positions }) => positions)).toMatchObject([
        { deliveredSeq: 3, readSeq: 0 },
        { deliveredSeq: 0, readSeq: 3 },
      ])
    }
  })

  test('hear of another profile of their own user', async () => {
    const { a, annPhone, annHere, ann, bobHere, done, advance } = await setup()
    const { user } = ann
    await done(a.run('updateProfile', { user, nickname: 'Annie', about: undefined }))
    await done(a.run('updateProfile', { user, nickname: 'Annie', about: undefined }))
    await advance(2_000)
    for (const device of [annPhone, annHere]) {
      expect(device.of('profileChanged')).toMatchObject([
        { profile: { name: 'ann', nickname: 'Annie' } },
      ])
    }
    // Bob follows nobody.
    expect(bobHere.of('profileChanged')).toEqual([])
  })

  test('do not hear that less was stored when another device of a user comes after', async () => {
    const { a, b, annHere, bob, bobHere, group, settle, done, advance } = await setup()
    const phone = a.connect(await done(b.another(bob)))
    await advance(3_000)
    for (const text of ['one', 'two']) annHere.send(group, text)
    await settle()
    bobHere.tell({ $case: 'ack', value: { conversationId: group, epoch: 1, seq: 4 } })
    await settle()
    phone.tell({ $case: 'ack', value: { conversationId: group, epoch: 1, seq: 3 } })
    await settle()
    const stored = annHere.of('receipts').flatMap(({ positions }) => positions)
    expect(stored.map(({ deliveredSeq }) => deliveredSeq)).toEqual([4])
  })

  test('of one device do not last together: the older one is replaced', async () => {
    const { a, bob, bobHere, settle } = await setup()
    const again = a.connect(bob)
    await settle()
    expect(bobHere.of('kicked')).toMatchObject([{ reason: 'REPLACED' }])
    expect(again.of('kicked')).toEqual([])
  })
})

describe('a device that has just connected, of which other servers of the bus do not know yet,', () => {
  test.each([
    [200, 270, 'a flush covers one server'],
    [1_900, 2_020, 'the others are slow'],
  ])(
    'gets what is written while nothing is heard for %i ms within %i ms',
    async (deafMs, withinMs) => {
      const { b, ann, annHere, group, advance, done } = await setup()
      const phone = await done(b.another(ann))
      // What connected before stays out of it.
      for (const session of b.engine.hub.sessions) b.engine.hub.remove(session, true)
      await advance(15_010)
      b.bus.deafMs = deafMs
      const here = b.connect(phone)
      await advance(1)
      expect(here.of('caughtUp').length).toBe(1)
      annHere.send(group, 'unheard')
      await advance(withinMs)
      expect(here.seen(group).at(-1)).toBe('3 unheard')
    },
  )
})

describe('a relay that is told nothing, for the bus loses everything,', () => {
  test('sends what was written elsewhere within 5 s', async () => {
    const { annHere, bobHere, group, deafen, advance, seen } = await setup()
    deafen(true)
    annHere.send(group, 'unheard')
    await advance(5_100)
    expect(seen(bobHere)).toEqual(['3 unheard'])
  })

  test('sends nothing that was written after a removal, and tells of the removal', async () => {
    const { a, b, annHere, bobHere, annPhone, group, removal, deafen, ...rest } = await setup()
    const { advance, done, seen, settle } = rest
    deafen(true)
    await done(a.run('removeMember', removal))
    annHere.send(group, 'without bob')
    await settle()
    deafen(false)
    // The first that this relay hears after the removal is an entry that bob must not see.
    annHere.send(group, 'without bob again')
    await settle()
    expect(seen(annPhone)).toEqual(['3 membership', '4 without bob', '5 without bob again'])
    expect(seen(bobHere)).toEqual(['3 membership'])
    await advance(6_000)
    expect(seen(bobHere)).toEqual(['3 membership'])
    bobHere.tell({ $case: 'pull', value: { conversationId: group, afterSeq: 0 } })
    await settle()
    expect(bobHere.seen(group).some((line) => line.includes('without'))).toBe(false)
    expect(b.engine.hub.sessionsOf(rest.bob.user).size).toBe(1)
  })

  test('shows a member who has left and returned what came before and after, and nothing between', async () => {
    const { a, annHere, bobHere, group, membership, deafen, ...rest } = await setup()
    deafen(true)
    await rest.done(a.run('leaveGroup', membership))
    annHere.send(group, 'without bob')
    await rest.settle()
    await rest.done(a.run('joinGroup', membership))
    annHere.send(group, 'with bob')
    await rest.advance(6_000)
    expect(rest.seen(bobHere)).toEqual(['3 membership', '5 membership', '6 with bob'])
    expect(bobHere.of('gap').slice(-1)).toMatchObject([{ from: 4, to: 4, why: 1 }])
  })

  test('loads a conversation that a user was given elsewhere', async () => {
    const { a, ann, bob, bobHere, deafen, done, advance } = await setup()
    deafen(true)
    const other = await done(a.group(ann, bob))
    await advance(5_100)
    expect(bobHere.seen(other).length).toBeGreaterThan(0)
  })

  test('ends the streams of a login that was revoked elsewhere, within a second', async () => {
    const { a, bob, bobHere, deafen, done, advance } = await setup()
    deafen(true)
    await done(a.run('endLogin', { loginId: bob.loginId }))
    await advance(1_000)
    expect(bobHere.of('kicked')).toMatchObject([{ reason: 'REVOKED' }])
    expect(bobHere.isEnded).toBe(true)
  })
})
