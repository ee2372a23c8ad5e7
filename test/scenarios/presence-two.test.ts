import type { ChatClient } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { befriend, Person } from '../harness/person.ts'
import { late, patiently, promptly, timeOf } from '../harness/promptly.ts'
import { Wire } from '../harness/wire.ts'
import { testWorld } from '../harness/world.ts'
import type { WorldOptions } from '../harness/world.ts'
import { bothWays, startFaultProxy } from '../torture/proxy/index.ts'

const { ONLINE, OFFLINE } = chat.Availability
const heartbeatMs = 1_000
/** Who comes or leaves in order is seen to within this time. */
const promptMs = 2_000
/** Only who has left in order is gone within this time, also on a busy machine. */
const soonerThanGraceMs = 4_000

/** Ann watches bob, who stays, and carol, who comes and goes. */
async function setup(options: WorldOptions) {
  const world = await testWorld(options)
  const [ann, bob, carol] = [
    await world.person('ann'),
    await world.person('bob'),
    await world.person('carol'),
  ]
  for (const friend of [bob, carol]) await befriend(ann, friend)
  const client = ann.connect()
  const [ofBob, ofCarol] = [screenOf(client, bob), screenOf(client, carol)]
  client.watchPresence([], { contacts: true })
  await eventually(() => ofCarol.at(-1) === OFFLINE && ofBob.at(-1) === OFFLINE)
  await bob.connect().online()
  await eventually(() => ofBob.at(-1) === ONLINE)
  return { world, ann, client, carol, ofBob, ofCarol }
}

type Scene = Awaited<ReturnType<typeof setup>>

describe('of two presence processes', () => {
  test('losing one, then the other, is not seen; who comes, leaves or loses the cable is right all the time', async () => {
    const scene = await setup({ presences: 2, env: { HEARTBEAT_MS: String(heartbeatMs) } })
    const { world, ofBob } = scene
    const before = ofBob.length
    const goneAfterMs = await cutCable(scene)
    await world.kill('presence')
    await comesAndGoes(scene)
    // Its grace is as long as a lease: whatever the loss could show would have been shown.
    await drops(scene)
    await world.cluster.start('presence')
    // Long enough for the new one to hear of everybody.
    await drops(scene)
    await world.kill('presence-2')
    await comesAndGoes(scene)
    await drops(scene)
    expect(ofBob.slice(before)).toEqual([])
    expect(await goneAfterMs()).toBeLessThan(late(heartbeatMs + 23_000))
  })

  test('one that stands still is left within a lease, and its return changes nothing', async () => {
    const scene = await setup({ presences: 2 })
    const { world, ofBob, ofCarol, carol } = scene
    const before = ofBob.length
    const session = carol.connect()
    await eventually(() => ofCarol.at(-1) === ONLINE)
    await world.cluster.kill('presence', 'SIGSTOP')
    await session.close()
    await eventually(() => ofCarol.at(-1) === OFFLINE, patiently)
    await comesAndGoes(scene)
    await world.cluster.kill('presence', 'SIGCONT')
    await comesAndGoes(scene)
    await drops(scene)
    expect(ofBob.slice(before)).toEqual([])
  })

  test('two relays are told the same, and the devices of a killed relay are gone within 8 s', async () => {
    const scene = await setup({ presences: 2, relays: 2, store: 'mariadb' })
    const { world, carol, ofBob, ofCarol } = scene
    const before = ofBob.length
    const [near, far] = [...world.relays.values()]
    const home = await Wire.hello(near ?? '', carol.login())
    await eventually(() => ofCarol.at(-1) === ONLINE)
    const later = await carol.device('phone')
    const away = await Wire.hello(far ?? '', later.login())
    home.close()
    await world.kill('presence')
    // The phone is there still: nothing is told of the other device.
    await world.kill('relay-2')
    away.close()
    const startedMs = performance.now()
    await eventually(() => ofCarol.at(-1) === OFFLINE, patiently)
    expect(performance.now() - startedMs).toBeLessThan(late(8_000))
    expect(ofCarol.slice(-2)).toEqual([ONLINE, OFFLINE])
    await world.cluster.start('relay-2')
    await promptly(soonerThanGraceMs, async () => {
      const back = await Wire.hello(far ?? '', later.login())
      await eventually(() => ofCarol.at(-1) === ONLINE, patiently)
      back.write({ $case: 'bye', value: {} })
      return timeOf(() => eventually(() => ofCarol.at(-1) === OFFLINE, patiently))
    })
    // Wherever bob was, he is back within a lease.
    expect(ofBob.slice(before)).not.toContain(OFFLINE)
  })
})

/** Cuts the cable of dave, who is a friend of ann's; answers how long it takes until she is told. */
async function cutCable({ world, ann, client }: Scene): Promise<() => Promise<number>> {
  const proxy = await startFaultProxy({ target: world.relay })
  onTestFinished(() => proxy.close())
  const dave = await Person.register(proxy.address, 'dave')
  onTestFinished(() => dave.close())
  await befriend(ann, dave)
  const screen = screenOf(client, dave)
  await dave.connect().online()
  await eventually(() => screen.at(-1) === ONLINE)
  const cutAtMs = performance.now()
  let goneAtMs = 0
  client.on(() => {
    if (screen.at(-1) === OFFLINE && goneAtMs === 0) goneAtMs = performance.now()
  })
  proxy.set(bothWays({ blackholeAfterBytes: 0 }))
  return async () => {
    await eventually(() => goneAtMs > 0, patiently)
    return goneAtMs - cutAtMs
  }
}

/** Carol comes and leaves in order, each seen within 2 s. */
async function comesAndGoes({ carol, ofCarol }: Scene): Promise<void> {
  await promptly(promptMs, async () => {
    const session = carol.connect()
    await session.online()
    const comeMs = await timeOf(() => eventually(() => ofCarol.at(-1) === ONLINE, patiently))
    await session.close()
    const leftMs = await timeOf(() => eventually(() => ofCarol.at(-1) === OFFLINE, patiently))
    return Math.max(comeMs, leftMs)
  })
}

/** Carol's connection breaks: she is offline after the grace, and not before. */
async function drops({ world, carol, ofCarol }: Scene): Promise<void> {
  const wire = await Wire.hello(world.relay, carol.login())
  await eventually(() => ofCarol.at(-1) === ONLINE, patiently)
  const changes = ofCarol.length
  wire.close()
  await eventually(() => ofCarol.at(-1) === OFFLINE, patiently)
  expect(ofCarol.slice(changes)).toEqual([OFFLINE])
}

function screenOf(client: ChatClient, of: Person): chat.Availability[] {
  const screen: chat.Availability[] = []
  client.on((event) => {
    if (event.type !== 'presence') return
    for (const user of event.users) if (user.userId === of.userId) screen.push(user.availability)
  })
  return screen
}
