import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import type { FakeDevice } from '../testing/fake-device.ts'
import { relaysWorld } from '../testing/relays-world.ts'

const publicKey = Buffer.alloc(32, 9)
const candidates = [{ transport: 1 as const, address: Buffer.from([10, 0, 0, 7]), port: 50_000 }]
const { OFFER, ANSWER, WITHDRAW } = chat.DirectStep

/** Ann is at one relay and bob at the other, and they have talked. */
async function setup() {
  const world = relaysWorld()
  const { a, b, done } = world
  const ann = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  await done(a.befriend(ann, bob))
  const [annHere, bobHere] = [a.connect(ann), b.connect(bob)]
  await world.advance(3_000)
  annHere.send({ user: bob.userId }, 'hello')
  await world.settle()
  const conversationId = annHere.of('accepted')[0]!.conversationId
  const say = (device: FakeDevice, parts: Partial<chat.Direct> = {}) => {
    const value = { ...chat.Direct.create({ step: OFFER, publicKey, candidates }), ...parts }
    device.tell({ $case: 'direct', value: { ...value, conversationId } })
  }
  const steps = (device: FakeDevice) => device.of('directSignal').map(({ step }) => step)
  return { ...world, ann, bob, annHere, bobHere, say, steps }
}

test('an offer and its answer pass from relay to relay, vouched for by the one where they were made', async () => {
  const { ann, bob, annHere, bobHere, say, steps, settle, scheduler } = await setup()
  say(bobHere)
  await settle()
  say(annHere)
  const sentAtMs = scheduler.now()
  await settle()
  const who = { userId: ann.userId, userName: 'ann', deviceId: ann.deviceId }
  const said = { step: OFFER, publicKey, candidates, sentAtMs }
  expect(bobHere.of('directSignal')).toMatchObject([{ ...who, ...said }])
  expect(steps(annHere)).toEqual([])
  say(bobHere, { step: ANSWER, deviceId: ann.deviceId })
  await settle()
  expect(annHere.of('directSignal')).toMatchObject([{ deviceId: bob.deviceId, step: ANSWER }])
})

test('an offer is not handed on to a relay whose device has not offered, or has blocked', async () => {
  const { b, ann, bob, annHere, bobHere, say, steps, settle, done, advance } = await setup()
  say(annHere)
  await settle()
  expect(steps(bobHere)).toEqual([])
  say(bobHere)
  await done(b.run('blockUser', { user: bob.user, otherId: ann.userId }))
  await advance(1_500)
  expect(steps(bobHere)).toEqual([WITHDRAW])
  say(annHere)
  await settle()
  expect(steps(bobHere)).toEqual([WITHDRAW])
})

test('a device that leaves at one relay is withdrawn at the other', async () => {
  const { annHere, bobHere, say, steps, settle } = await setup()
  say(bobHere)
  await settle()
  say(annHere)
  await settle()
  annHere.tell({ $case: 'bye', value: {} })
  await settle()
  expect(steps(bobHere)).toEqual([OFFER, WITHDRAW])
})
