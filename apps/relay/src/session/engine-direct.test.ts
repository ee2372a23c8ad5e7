import { chat } from '@parley/proto'
import { describe, expect, test } from 'vitest'
import { signalLimits } from '../hub/send-rates.ts'
import type { FakeDevice } from '../testing/fake-device.ts'
import { fakeWorld } from '../testing/fake-world.ts'

const publicKey = Buffer.alloc(32, 9)
const candidates = [{ transport: 1 as const, address: Buffer.from([10, 0, 0, 7]), port: 50_000 }]
const { OFFER, ANSWER, WITHDRAW } = chat.DirectStep

/** What `device` says about a path in a conversation. */
function say(device: FakeDevice, conversationId: Buffer, parts: Partial<chat.Direct> = {}): void {
  const value = { ...chat.Direct.create({ step: OFFER, publicKey, candidates }), ...parts }
  device.tell({ $case: 'direct', value: { ...value, conversationId } })
}

/** Ann and bob are friends and have talked; eve knows nobody. */
async function setup() {
  const world = fakeWorld()
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  const eve = await world.register('eve')
  await world.befriend(ann, bob)
  const group = await world.group(ann, bob)
  const annHere = world.connect(ann)
  annHere.send({ user: bob.userId }, 'hello')
  const [bobHere, eveHere] = [world.connect(bob), world.connect(eve)]
  await world.settle()
  const id = annHere.of('accepted')[0]!.conversationId
  const heard = (device: FakeDevice) => device.of('directSignal')
  return { world, ann, bob, eve, annHere, bobHere, eveHere, group, id, heard }
}

describe('an offer to talk directly', () => {
  test('reaches those who have offered before, with the word of the server for who it is', async () => {
    const { world, bob, annHere, bobHere, id, heard } = await setup()
    say(annHere, id)
    await world.settle()
    expect(heard(bobHere)).toEqual([])
    say(bobHere, id)
    await world.settle()
    expect(heard(bobHere)).toEqual([])
    expect(heard(annHere)).toEqual([
      {
        conversationId: id,
        userId: bob.userId,
        userName: 'bob',
        deviceId: bob.deviceId,
        step: OFFER,
        publicKey,
        candidates,
        sentAtMs: world.scheduler.now(),
      },
    ])
  })

  test('is answered to the one device that is named', async () => {
    const { world, ann, annHere, bobHere, id, heard } = await setup()
    const phone = await world.another(ann)
    const phoneHere = world.connect(phone)
    await world.settle()
    for (const device of [annHere, phoneHere]) say(device, id)
    await world.settle()
    say(bobHere, id)
    say(bobHere, id, { step: ANSWER, deviceId: phone.deviceId })
    await world.settle()
    expect(heard(annHere).map(({ step }) => step)).toEqual([OFFER])
    // Only the last word of a device counts: the answer has taken the place of the offer.
    expect(heard(phoneHere).at(-1)?.step).toBe(ANSWER)
    // Own devices do not hear each other.
    expect([...heard(annHere), ...heard(phoneHere)].every((one) => one.userName === 'bob')).toBe(
      true,
    )
  })

  test('is over when it is withdrawn, and others are told that', async () => {
    const { world, annHere, bobHere, id, heard } = await setup()
    say(annHere, id)
    say(bobHere, id)
    await world.settle()
    say(bobHere, id, { step: WITHDRAW, publicKey: Buffer.alloc(0), candidates: [] })
    say(annHere, id)
    await world.settle()
    expect(heard(annHere).map(({ step }) => step)).toEqual([OFFER, WITHDRAW])
    expect(heard(bobHere)).toEqual([])
  })

  test.each(['says goodbye', 'is logged out'])('is over when its device %s', async (how) => {
    const { world, bob, annHere, bobHere, id, heard } = await setup()
    say(annHere, id)
    say(bobHere, id)
    await world.settle()
    if (how === 'says goodbye') bobHere.tell({ $case: 'bye', value: {} })
    else await world.run('endLogin', { loginId: bob.loginId })
    await world.settle()
    expect(heard(annHere).map(({ step }) => step)).toEqual([OFFER, WITHDRAW])
    expect(heard(annHere).at(-1)?.deviceId).toEqual(bob.deviceId)
  })

  test('of a session that has been replaced is none', async () => {
    const { world, bob, annHere, bobHere, id, heard } = await setup()
    say(annHere, id)
    const again = world.connect(bob)
    await world.settle()
    say(bobHere, id)
    await world.settle()
    expect(heard(annHere)).toEqual([])
    // Its device is still there: what it has by the direct way goes on.
    say(again, id)
    await world.settle()
    const yetAgain = world.connect(bob)
    await world.settle()
    expect(heard(annHere).map(({ step }) => step)).toEqual([OFFER])
    expect(yetAgain.of('caughtUp').length).toBe(1)
    say(yetAgain, id)
    await world.settle()
    expect(heard(annHere).map(({ step }) => step)).toEqual([OFFER, OFFER])
  })
})

describe('nobody hears of an offer', () => {
  test('of somebody outside, in a group, or without a conversation', async () => {
    const { world, annHere, bobHere, eveHere, group, id, heard } = await setup()
    for (const device of [annHere, bobHere]) for (const one of [id, group]) say(device, one)
    await world.settle()
    const before = heard(annHere).length
    say(eveHere, id)
    say(eveHere, group)
    say(bobHere, group)
    say(bobHere, Buffer.alloc(16, 7))
    await world.settle()
    expect(heard(annHere).length).toBe(before)
    expect(before).toBe(1)
    // And whoever offers cannot tell why nobody answers.
    expect(eveHere.events.slice(-2).map(({ $case }) => $case)).toEqual(['welcome', 'caughtUp'])
  })

  test('that is an answer without an offer of its own', async () => {
    const { world, ann, annHere, bobHere, id, heard } = await setup()
    say(annHere, id)
    say(bobHere, id, { step: ANSWER, deviceId: ann.deviceId })
    await world.settle()
    expect(heard(annHere)).toEqual([])
  })

  test('that is malformed', async () => {
    const { world, annHere, bobHere, id, heard } = await setup()
    say(annHere, id)
    say(bobHere, id, { publicKey: Buffer.alloc(31) })
    await world.settle()
    say(annHere, id)
    await world.settle()
    expect([heard(annHere), heard(bobHere)]).toEqual([[], []])
  })
})

describe('a block', () => {
  test.each(['ann', 'bob'])('by %s ends the offers, and is not told to the other', async (who) => {
    const { world, ann, bob, annHere, bobHere, id, heard } = await setup()
    say(annHere, id)
    say(bobHere, id)
    await world.settle()
    const [blocker, other] = who === 'ann' ? [ann, bob] : [bob, ann]
    const [blockerHere, otherHere] = who === 'ann' ? [annHere, bobHere] : [bobHere, annHere]
    const before = heard(otherHere).length
    await world.run('blockUser', { user: blocker.user, otherId: other.userId })
    await world.settle()
    const last = heard(blockerHere).at(-1)
    expect(last).toMatchObject({ step: WITHDRAW, userId: other.userId, userName: other.name })
    expect(last?.deviceId.length).toBe(0)
    const told = heard(blockerHere).length
    say(otherHere, id)
    say(blockerHere, id)
    await world.settle()
    expect([heard(blockerHere).length, heard(otherHere).length]).toEqual([told, before])
  })
})

test('offers count as signals of their user', async () => {
  const { world, bobHere, id } = await setup()
  const burst = signalLimits.burst / 5
  for (let i = 0; i <= burst; i += 1) say(bobHere, id)
  bobHere.tell({ $case: 'ping', value: { nonce: 7 } })
  await world.settle()
  expect(bobHere.of('throttle').length).toBe(1)
  expect(bobHere.of('pong')).toEqual([])
  await world.scheduler.advance(1_000)
  expect(bobHere.of('pong').length).toBe(1)
})
