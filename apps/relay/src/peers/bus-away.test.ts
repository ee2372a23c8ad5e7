import { describe, expect, test } from 'vitest'
import { relaysWorld } from '../testing/relays-world.ts'

/** Ann and her phone are at relay a, bob at relay b, in one group; the bus goes away. */
async function setup() {
  const world = relaysWorld()
  const { a, b, done } = world
  const ann = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  await done(a.befriend(ann, bob))
  const group = await done(a.group(ann, bob))
  const annHere = a.connect(ann)
  const annPhone = a.connect(await done(a.another(ann)))
  const bobHere = b.connect(bob)
  // Just after a round, so that the next one is 5 s away.
  await world.advance(10_050 - world.scheduler.monotonic())
  world.hub.stop()
  return { ...world, ann, bob, annHere, annPhone, bobHere, group }
}

describe('while the bus is away', () => {
  test('messages are accepted, and reach devices at the same relay at once', async () => {
    const { annHere, annPhone, bobHere, group, settle } = await setup()
    annHere.send(group, 'without a bus')
    await settle()
    expect(annHere.of('accepted').length).toBe(1)
    expect(annPhone.seen(group).at(-1)).toBe('3 without a bus')
    expect(bobHere.seen(group).at(-1)).toBe('2 membership')
  })

  test('they reach devices at other relays within 5 s', async () => {
    const { annHere, bobHere, group, advance } = await setup()
    annHere.send(group, 'without a bus')
    await advance(5_000)
    expect(bobHere.seen(group).at(-1)).toBe('3 without a bus')
  })

  test('a device connects all the same, and gets what there is', async () => {
    const { a, ann, bob, b, bobHere, annHere, group, done, advance } = await setup()
    annHere.send(group, 'without a bus')
    bobHere.cut()
    await advance(1_000)
    const again = b.connect(bob)
    await advance(300)
    expect(again.of('caughtUp').length).toBe(1)
    expect(again.seen(group).at(-1)).toBe('3 without a bus')
    expect(a.engine.hub.sessionsOf(ann.user).size).toBe(2)
    await done(Promise.resolve())
  })
})

describe('when the bus is back', () => {
  test('what was written meanwhile is there at once, and so is what comes', async () => {
    const { annHere, bobHere, group, hub, settle, advance } = await setup()
    annHere.send(group, 'without a bus')
    await settle()
    hub.start()
    await advance(100)
    expect(bobHere.seen(group).at(-1)).toBe('3 without a bus')
    annHere.send(group, 'with a bus')
    await settle()
    expect(bobHere.seen(group).at(-1)).toBe('4 with a bus')
  })

  test('a relay that was away alone makes the others look, for they cannot know what they missed', async () => {
    const { a, annHere, bobHere, group, hub, settle, advance } = await setup()
    hub.start()
    await advance(100)
    a.bus.faults.loss = 1
    annHere.send(group, 'lost')
    await settle()
    a.bus.faults.loss = 0
    // As when the connection of this one relay had broken.
    a.bus.returned()
    await advance(100)
    expect(bobHere.seen(group).at(-1)).toBe('3 lost')
  })
})
