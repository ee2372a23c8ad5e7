import type { ChatClient } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { History } from '../harness/history.ts'
import { befriend } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { patiently, promptly, timeOf } from '../harness/promptly.ts'
import { Reader, readBack } from '../harness/reader.ts'
import { Talker } from '../harness/talker.ts'
import { Wire } from '../harness/wire.ts'
import { testWorld } from '../harness/world.ts'

const { ONLINE, OFFLINE } = chat.Availability

describe('who was away', () => {
  test('gets what was missed once, in order and whole, also when the relay was killed meanwhile', async () => {
    const world = await testWorld()
    const [ann, bob] = [await world.person('ann'), await world.person('bob')]
    await befriend(ann, bob)
    const history = new History()
    const talker = new Talker(history, ann.connect(), { userId: bob.userId }, 'ann')
    const device = await bob.device('phone')
    const before = new Reader(history, device, "bob's phone")
    const { conversationId } = await talker.say()
    await eventually(() => before.seq(conversationId) === 1)
    await before.close()

    for (let i = 0; i < 300; i += 1) await talker.say()
    await world.kill('relay')
    await world.cluster.start('relay')
    for (let i = 0; i < 200; i += 1) await talker.say()
    // The same device comes back with what it had.
    const after = new Reader(history, device, "bob's phone, back", before)
    await eventually(() => after.seq(conversationId) === 501)
    await readBack(history, ann, conversationId)
    await after.close()
    const told = after.log.entries.filter((entry) => entry.conversationId === conversationId)
    expect([told.length, after.gaps]).toEqual([501, []])
    expect(breaches(history)).toEqual([])
  })

  test('with a new device gets the newest 50 of a conversation and the older ones on request', async () => {
    const world = await testWorld()
    const [ann, bob] = [await world.person('ann'), await world.person('bob')]
    await befriend(ann, bob)
    const history = new History()
    const talker = new Talker(history, ann.connect(), { userId: bob.userId }, 'ann')
    for (let i = 0; i < 120; i += 1) await talker.say()
    const conversationId = history.sends[0]!.conversationId
    const phone = await bob.device('phone')
    const reader = new Reader(history, phone, "bob's new phone")
    await eventually(() => reader.seq(conversationId) === 120)
    const told = reader.log.entries.filter((entry) => entry.conversationId === conversationId)
    expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => 71 + i))
    expect(await readBack(history, phone, conversationId)).toHaveLength(120)
    await reader.close()
    expect(breaches(history)).toEqual([])
  })
})

describe('presence', () => {
  /** Ann's screen, on which bob comes and goes. */
  async function setup() {
    const world = await testWorld()
    const [ann, bob] = [await world.person('ann'), await world.person('bob')]
    await befriend(ann, bob)
    const client = ann.connect()
    const screen = screenOf(client, bob)
    client.watchPresence([], { contacts: true })
    await eventually(() => screen.at(-1) === OFFLINE)
    const says = (what: chat.Availability, timeoutMs = patiently.timeoutMs) =>
      eventually(() => screen.at(-1) === what, { timeoutMs })
    return { world, bob, screen, says }
  }

  test('is right within 2 s of coming and of a clean leave', async () => {
    const { bob, says } = await setup()
    await promptly(2_000, async () => {
      const session = bob.connect()
      await session.online()
      const comeMs = await timeOf(() => says(ONLINE))
      await session.close()
      return Math.max(comeMs, await timeOf(() => says(OFFLINE)))
    })
  })

  test('a dropped connection is offline after a grace, within 8 s, and a quick return is not seen at all', async () => {
    const { world, bob, screen, says } = await setup()
    const first = await Wire.hello(world.relay, bob.login())
    await says(ONLINE)
    const changes = screen.length
    first.close()
    const second = await Wire.hello(world.relay, bob.login())
    second.close()
    await says(OFFLINE, 8_000)
    expect(screen.slice(changes)).toEqual([OFFLINE])
  })

  test('of everybody is right again within 8 s after presence itself was killed', async () => {
    const { world, bob, screen, says } = await setup()
    const session = bob.connect()
    await says(ONLINE)
    await world.kill('presence')
    await session.close()
    await world.cluster.start('presence')
    await says(OFFLINE, 8_000)
    expect(screen).not.toContain(chat.Availability.UNSPECIFIED)
  })

  test('of those who were on a relay that was killed is offline, unless they come back', async () => {
    const { world, bob, says } = await setup()
    const gone = await Wire.hello(world.relay, bob.login())
    await says(ONLINE)
    await world.kill('relay')
    gone.close()
    await world.cluster.start('relay')
    await says(OFFLINE, 10_000)
  })
})

function screenOf(client: ChatClient, of: Person): chat.Availability[] {
  const screen: chat.Availability[] = []
  client.on((event) => {
    if (event.type !== 'presence') return
    for (const user of event.users) if (user.userId === of.userId) screen.push(user.availability)
  })
  return screen
}
