import { uuidv7 } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { describe, expect, test } from 'vitest'
import type { Session } from '../session/session.ts'
import type { Journal } from '../store/journal.ts'
import { engineWorld } from '../testing/engine-world.ts'
import type { EngineWorld, Login } from '../testing/engine-world.ts'
import { FakeDevice } from '../testing/fake-device.ts'
import { FaultyBus } from '../testing/faulty-bus.ts'
import { relaysWorld, sharedKey } from '../testing/relays-world.ts'

/** The same time, but another clock on the wall. */
function skewed(scheduler: Scheduler, byMs: number): Scheduler {
  return {
    now: () => scheduler.now() + byMs,
    monotonic: () => scheduler.monotonic(),
    setTimer: (...args) => scheduler.setTimer(...args),
    every: (...args) => scheduler.every(...args),
    soon: (fn) => scheduler.soon(fn),
    random: () => scheduler.random(),
    randomBytes: (size) => scheduler.randomBytes(size),
  }
}

/** Bob may be at relay a or at one whose clock is wrong; commits of a may be held back, or lost. */
async function setup(byMs: number) {
  let hold: Promise<void> | undefined
  const faults = { isLossy: false }
  const around = (journal: Journal): Journal => ({
    ...journal,
    async commit(batch) {
      await hold
      if (faults.isLossy) throw new Error('the fate of the batch is not known')
      return journal.commit(batch)
    },
  })
  const world = relaysWorld({ around })
  const { a, scheduler, done, settle } = world
  const bob = await done(a.register('bob'))
  const bus = new FaultyBus(world.newBus(), scheduler)
  const peers = { bus, bootId: uuidv7(scheduler), internalKey: sharedKey }
  const clock = skewed(scheduler, byMs)
  const wrong = engineWorld({ scheduler: clock, journal: world.journal, peers })
  const connect = async (relay: EngineWorld, login: Login = bob) => {
    const device = new FakeDevice(relay, login).hello()
    await settle()
    return device
  }
  const deafen = (isDeaf: boolean) => {
    world.deafen(isDeaf)
    bus.faults.loss = isDeaf ? 1 : 0
  }
  const sessionAt = ({ engine }: EngineWorld) => [...engine.hub.sessionsOf(bob.user)][0] as Session
  const holdBack = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = promise
    return resolve
  }
  return { ...world, wrong, connect, deafen, sessionAt, holdBack, faults }
}

describe.each([-60_000, 60_000])('a device, at a relay whose clock is wrong by %i ms', (byMs) => {
  test('ends what it has at another relay by coming there', async () => {
    const { a, wrong, connect } = await setup(byMs)
    const before = await connect(a)
    const now = await connect(wrong)
    expect(before.of('kicked')).toMatchObject([{ reason: 'REPLACED' }])
    expect([now.of('kicked'), now.isEnded]).toEqual([[], false])
  })

  test('ends what it has there by going to another relay', async () => {
    const { a, wrong, connect } = await setup(byMs)
    const before = await connect(wrong)
    const now = await connect(a)
    expect(before.of('kicked')).toMatchObject([{ reason: 'REPLACED' }])
    expect([now.of('kicked'), now.isEnded]).toEqual([[], false])
  })

  test('is left alone at the other relay by late news of where it was before', async () => {
    const { a, wrong, connect, deafen, sessionAt, settle } = await setup(byMs)
    deafen(true)
    await connect(wrong)
    const now = await connect(a)
    deafen(false)
    wrong.engine.peers?.welcomed(sessionAt(wrong))
    await settle()
    expect([now.of('kicked'), now.isEnded]).toEqual([[], false])
  })

  test('is left alone by such news while its own turn is still on its way to the store', async () => {
    const { a, wrong, connect, deafen, sessionAt, holdBack, settle } = await setup(byMs)
    deafen(true)
    await connect(wrong)
    deafen(false)
    const release = holdBack()
    const now = await connect(a)
    wrong.engine.peers?.welcomed(sessionAt(wrong))
    await settle()
    release()
    await settle()
    expect([now.of('welcome').length, now.of('kicked'), now.isEnded]).toEqual([1, [], false])
  })
})

test('a hello waits a second for its turn, and is welcomed all the same', async () => {
  const { a, connect, holdBack, advance } = await setup(0)
  const release = holdBack()
  const device = await connect(a)
  expect(device.of('welcome')).toEqual([])
  await advance(1_000)
  expect(device.of('caughtUp').length).toBe(1)
  release()
})

test('a device leaves its old relay also when the store learns late where it is', async () => {
  const { a, wrong, connect, holdBack, advance, settle } = await setup(0)
  const before = await connect(wrong)
  const release = holdBack()
  const now = await connect(a)
  await advance(1_000)
  expect([now.of('caughtUp').length, before.of('kicked')]).toEqual([1, []])
  release()
  await settle()
  expect(before.of('kicked')).toMatchObject([{ reason: 'REPLACED' }])
  expect([now.of('kicked'), now.isEnded]).toEqual([[], false])
})

test('a device leaves its old relay also when the store lost at first where it is', async () => {
  const { a, wrong, connect, faults, advance } = await setup(0)
  const before = await connect(wrong)
  faults.isLossy = true
  const now = await connect(a)
  await advance(3_000)
  expect([now.of('caughtUp').length, before.of('kicked')]).toEqual([1, []])
  faults.isLossy = false
  await advance(2_000)
  expect(before.of('kicked')).toMatchObject([{ reason: 'REPLACED' }])
  expect([now.of('kicked'), now.isEnded]).toEqual([[], false])
})

test('a device whose turn was lost does not take it back from the relay it went on to', async () => {
  const { a, wrong, connect, faults, advance } = await setup(0)
  faults.isLossy = true
  const before = await connect(a)
  const now = await connect(wrong)
  faults.isLossy = false
  await advance(3_000)
  expect(before.of('kicked')).toMatchObject([{ reason: 'REPLACED' }])
  expect([now.of('caughtUp').length, now.of('kicked'), now.isEnded]).toEqual([1, [], false])
})
