import type { ChatClient } from '@parley/client'
import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { History, isAccepted } from '../harness/history.ts'
import { befriend, makeGroup } from '../harness/person.ts'
import { patiently, promptly } from '../harness/promptly.ts'
import { Reader, readBack } from '../harness/reader.ts'
import { Talker } from '../harness/talker.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const resumeLimitMs = 1_000
/** A client comes back at once from a session that has held for so long. */
const steadyMs = 5_100

test('a client whose relay is killed is caught up at another one within a second, and back again', async () => {
  const world = await testWorld({ store: 'mariadb', relays: 2 })
  const [ann, bob] = [await world.person('ann'), await world.person('bob')]
  await befriend(ann, bob)
  const history = new History()
  const talker = new Talker(history, bob.connect(), { userId: ann.userId }, 'bob')
  await talker.say()
  const { client, relay: first } = await placed(world, () => ann.connect())
  let caughtUpAtMs = 0
  client.on((event) => {
    if (event.type !== 'connection' || event.connection.state !== 'caught-up') return
    caughtUpAtMs = performance.now()
  })
  let victim = first
  const killAndResume = async () => {
    await delay(systemScheduler, steadyMs)
    await talker.say()
    const killedAtMs = performance.now()
    const killing = world.kill(victim)
    await eventually(() => caughtUpAtMs > killedAtMs, { ...patiently, everyMs: 2 })
    await killing
    await talker.say()
    await world.cluster.start(victim)
    victim = victim === 'relay' ? 'relay-2' : 'relay'
    return caughtUpAtMs - killedAtMs
  }
  await promptly(resumeLimitMs, killAndResume)
  await promptly(resumeLimitMs, killAndResume)
  expect(history.sends.every(({ answers }) => answers.every(isAccepted))).toBe(true)
})

/** A client, once it is online, and the relay that the balancer has led it to. */
async function placed(world: World, connect: () => ChatClient) {
  const count = (door: string) => world.balancer?.connections.get(door) ?? 0
  const before = new Map([...world.relays.values()].map((door) => [door, count(door)]))
  const client = connect()
  await client.caughtUp()
  const found = [...world.relays].find(([, door]) => count(door) > (before.get(door) ?? 0))
  if (found) return { client, relay: found[0] }
  throw new Error('the client is at no relay')
}

test('devices of one user and members of one group, at different relays, are told the same in the same order, whichever server of the bus is killed', async () => {
  const world = await testWorld({ store: 'mariadb', relays: 2, natsNodes: 3 })
  const people = await Promise.all(['ann', 'bob', 'cat'].map((name) => world.person(name)))
  const [ann, bob, cat] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]]
  await befriend(ann, bob)
  await befriend(ann, cat)
  const group = await makeGroup(ann, [bob, cat])
  const history = new History()
  const doors = [...world.relays.values()]
  const readers: Reader[] = []
  for (const person of people) {
    for (const door of doors) {
      const device = await person.device(`at ${door}`, door)
      readers.push(new Reader(history, device, `${person.name} at ${door}`))
    }
  }
  const talkers = people.map((person, i) => {
    const client = person.connect({ servers: [doors[i % doors.length]!] })
    return new Talker(history, client, { conversationId: group }, person.name)
  })
  const stop = new AbortController()
  const talking = talkers.map((talker) => talker.talk(4, stop.signal))
  for (const victim of ['nats', 'nats-2', 'nats-3'] as const) {
    const before = history.accepted()
    await world.kill(victim)
    await eventually(() => history.accepted() > before + 100, { timeoutMs: 30_000 })
    await world.cluster.start(victim)
    await eventually(() => history.accepted() > before + 200, { timeoutMs: 30_000 })
  }
  stop.abort()
  await Promise.all(talking)
  const head = (await readBack(history, ann, group)).at(-1)?.seq ?? 0
  await eventually(() => readers.every((reader) => reader.seq(group) >= head))
  await Promise.all(readers.map((reader) => reader.close()))
  expect(breaches(history)).toEqual([])
  expect(history.sends.flatMap(({ answers }) => answers).every(isAccepted)).toBe(true)
  expect(world.deaths()).toEqual([])
})
