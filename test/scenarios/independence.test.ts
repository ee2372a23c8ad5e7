import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { randomFillSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ChatClient } from '@parley/client'
import { startNatsServer } from '@parley/bus'
import { freePorts } from '@parley/cluster'
import type { MemberName } from '@parley/cluster'
import { chat } from '@parley/proto'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { History, isAccepted } from '../harness/history.ts'
import { befriend } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { Reader, readBack } from '../harness/reader.ts'
import { Talker } from '../harness/talker.ts'
import { openTraffic } from '../harness/traffic.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const pairs = 5
const perSecond = 500
const victims: readonly MemberName[] = ['file-server', 'img-server', 'presence', 'nats']
/** How long the traffic goes on with a victim back, before the next is killed. */
const calmMs = 2_000
const worstLatencyMs = 2_000

test(`with ${perSecond} messages a second flowing, killing file-server, img-server, presence and nats-server one after the other fails and repeats no message, and each recovers by itself`, async () => {
  const world = await testWorld({ restart: 'backoff' })
  const history = new History()
  const people = await Promise.all(
    Array.from({ length: pairs * 2 }, (_, i) => world.person(`user${i}`)),
  )
  const readers: Reader[] = []
  const talkers: Talker[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    const [one, other] = [people[pair * 2]!, people[pair * 2 + 1]!]
    await befriend(one, other)
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      talkers.push(new Talker(history, from.connect(), { userId: to.userId }, `${from.name}`))
      readers.push(new Reader(history, await from.device('reader'), `${from.name}'s reader`))
    }
  }
  const [watcher, visitor] = [people[0]!, await world.person('visitor')]
  await befriend(watcher, visitor)
  const screen = await presenceScreen(watcher, visitor)

  const traffic = openTraffic(talkers, perSecond)
  await delay(systemScheduler, calmMs)
  const worstMs = () => Math.max(...talkers.flatMap((talker) => talker.latencies))
  // A machine with other work to do is slow before anything is killed.
  const limitMs = Math.max(worstLatencyMs, 2 * worstMs())
  for (const victim of victims) {
    await world.kill(victim)
    await eventually(() => world.cluster.pid(victim) !== undefined, { timeoutMs: 30_000 })
    await transfersWork(victim, world, watcher)
    await presenceWorks(visitor, screen)
    await delay(systemScheduler, calmMs)
  }
  await traffic.stop()

  const sent = history.sends.length
  expect(history.sends.filter((send) => send.answers.length !== 1)).toEqual([])
  expect(history.sends.flatMap(({ answers }) => answers).filter((a) => !isAccepted(a))).toEqual([])
  expect(
    history.sends.flatMap((s) => s.answers.filter(isAccepted)).filter((a) => a.duplicate),
  ).toEqual([])
  expect(sent / traffic.seconds()).toBeGreaterThan(perSecond * 0.95)
  expect(worstMs()).toBeLessThan(limitMs)

  const conversations = new Set(history.sends.map((send) => send.conversationId))
  expect(conversations.size).toBe(pairs)
  for (const conversationId of conversations) {
    const member = people.find((person) =>
      history.sends.some(
        (s) => s.conversationId === conversationId && s.senderId === person.userId,
      ),
    )
    const head = (await readBack(history, member!, conversationId)).at(-1)?.seq ?? 0
    const told = () => readers.filter((reader) => reader.seq(conversationId) >= head).length === 2
    await eventually(told, { timeoutMs: 60_000 })
  }
  await Promise.all(readers.map((reader) => reader.close()))
  expect(breaches(history)).toEqual([])
  expect(world.deaths()).toEqual([])
})

/** What the watcher's screen says of the visitor, newest last. */
async function presenceScreen(watcher: Person, visitor: Person): Promise<chat.Availability[]> {
  const screen: chat.Availability[] = []
  const client: ChatClient = (await watcher.device('screen')).connect()
  client.on((event) => {
    if (event.type !== 'presence') return
    for (const user of event.users)
      if (user.userId === visitor.userId) screen.push(user.availability)
  })
  client.watchPresence([visitor.userId])
  await client.online()
  return screen
}

/** Who comes and goes now is seen to come and go, without anybody's help. */
async function presenceWorks(visitor: Person, screen: readonly chat.Availability[]): Promise<void> {
  const session = visitor.connect()
  const says = (availability: chat.Availability) => () => screen.at(-1) === availability
  await eventually(says(chat.Availability.ONLINE), { timeoutMs: 60_000 })
  await session.close()
  await eventually(says(chat.Availability.OFFLINE), { timeoutMs: 60_000 })
}

/** The server that was killed takes bytes again, without anybody's help. */
async function transfersWork(victim: MemberName, world: World, person: Person): Promise<void> {
  const client = person.connect({ transient: true })
  await client.online()
  if (victim === 'file-server') {
    const file = path.join(world.folder, 'after.bin')
    await writeFile(file, randomFillSync(Buffer.alloc(1_000_000)))
    expect((await client.uploadFile(file)).receipt).not.toBe('')
  }
  if (victim === 'img-server') {
    const image = path.join(world.folder, 'after.png')
    const create = { width: 64, height: 48, channels: 3, background: '#a0522d' } as const
    await sharp({ create }).png().toFile(image)
    expect((await client.uploadImage(image)).receipt).not.toBe('')
  }
  await client.close()
}

test('without a nats-server at boot chat works, and when one comes presence is right', async () => {
  const [natsPort = 0] = await freePorts(1)
  const passwords = { relay: 'relay-password', presence: 'presence-password' }
  const envOf = {
    relay: { NATS_USER: 'relay', NATS_PASSWORD: passwords.relay },
    presence: { NATS_USER: 'presence', NATS_PASSWORD: passwords.presence },
  }
  const world = await testWorld({ nats: { url: `nats://127.0.0.1:${natsPort}` }, envOf })
  const [ann, bob] = [await world.person('ann'), await world.person('bob')]
  await befriend(ann, bob)
  const history = new History()
  const reader = new Reader(history, await bob.device('reader'), "bob's reader")
  const talker = new Talker(history, ann.connect(), { userId: bob.userId }, 'ann')
  for (let i = 0; i < 20; i += 1) await talker.say()
  const conversationId = history.sends[0]?.conversationId ?? ''
  await eventually(() => reader.seq(conversationId) === 20)

  const visitor = await world.person('visitor')
  await befriend(ann, visitor)
  const screen = await presenceScreen(ann, visitor)
  const folder = path.join(world.folder, 'late-nats')
  const server = await startNatsServer({ folder, port: natsPort, passwords })
  onTestFinished(() => server.stop())
  await presenceWorks(visitor, screen)
  await readBack(history, ann, conversationId)
  await reader.close()
  expect(breaches(history)).toEqual([])
  expect(world.deaths()).toEqual([])
})
