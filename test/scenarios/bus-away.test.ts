import { startNatsServer } from '@parley/bus'
import { freePorts } from '@parley/cluster'
import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { History, isAccepted } from '../harness/history.ts'
import { befriend } from '../harness/person.ts'
import { patiently, promptly } from '../harness/promptly.ts'
import { Reader, readBack } from '../harness/reader.ts'
import { Talker } from '../harness/talker.ts'
import { openTraffic } from '../harness/traffic.ts'
import { testWorld } from '../harness/world.ts'
import type { World, WorldOptions } from '../harness/world.ts'

const perSecond = 50
const awayMs = 6_000
/** After the bus is back, relays tell each other again within this time. */
const returnMs = 2_000
/** Far less than the 5 s after which relays look for themselves whether they have missed something. */
const promptMs = 1_000

/** Ann writes at the first relay; bob reads there and at the second. */
async function setup(options: WorldOptions = {}) {
  const world = await testWorld({ store: 'mariadb', relays: 2, ...options })
  const [ann, bob] = [await world.person('ann'), await world.person('bob')]
  await befriend(ann, bob)
  const [here = '', there = ''] = world.relays.values()
  const history = new History()
  const near = new Reader(history, await bob.device('near', here), "bob's near reader")
  const far = new Reader(history, await bob.device('far', there), "bob's far reader")
  const talker = new Talker(
    history,
    ann.connect({ servers: [here] }),
    { userId: bob.userId },
    'ann',
  )
  const { conversationId: id } = await talker.say()
  await eventually(() => near.seq(id) === 1 && far.seq(id) === 1)
  return { world, ann, history, near, far, talker, id }
}

type Scene = Awaited<ReturnType<typeof setup>>

/** Milliseconds from a message's acceptance until a reader has it. */
async function lag({ talker, history, id }: Scene, reader: Reader): Promise<number> {
  const record = await talker.say()
  const acceptedAtMs = performance.now()
  const seq = record.answers.find(isAccepted)?.seq ?? Infinity
  await eventually(() => reader.seq(id) >= seq, { ...patiently, everyMs: 2 })
  expect(history.sends).toContain(record)
  return performance.now() - acceptedAtMs
}

/** Traffic flows while `happens`; all of it is accepted, once, and the near reader keeps up. */
async function whileTalking<T>(scene: Scene, happens: () => Promise<T>): Promise<T> {
  const { talker, history, near, id } = scene
  const traffic = openTraffic([talker], perSecond)
  const outcome = await happens()
  await traffic.stop()
  expect(history.sends.filter(({ answers }) => !answers.every(isAccepted))).toEqual([])
  expect(history.sends.filter(({ answers }) => answers.length !== 1)).toEqual([])
  const head = history.accepted()
  await eventually(() => near.seq(id) >= head, patiently)
  await promptly(promptMs, () => lag(scene, near))
  return outcome
}

/**
 * The bus came back then: the other relay hears of what was missed, and of everything since. Answers
 * how long the first took.
 */
async function crossesAgain(scene: Scene, sinceMs: number): Promise<number> {
  const { far, history, id } = scene
  const missed = history.accepted()
  await eventually(() => far.seq(id) >= missed, { ...patiently, everyMs: 2 })
  const tookMs = performance.now() - sinceMs
  for (let i = 0; i < 5; i += 1) await promptly(promptMs, () => lag(scene, far))
  return tookMs
}

async function isSound({ world, ann, history, near, far, id }: Scene): Promise<void> {
  const head = (await readBack(history, ann, id)).at(-1)?.seq ?? 0
  await eventually(() => near.seq(id) >= head && far.seq(id) >= head)
  await Promise.all([near.close(), far.close()])
  expect(breaches(history)).toEqual([])
  expect(world.deaths()).toEqual([])
}

async function backAfter(world: World, awayMs: number): Promise<number> {
  await world.kill('nats')
  await delay(systemScheduler, awayMs)
  await world.cluster.start('nats')
  return performance.now()
}

test('without the bus everything is accepted and delivered at the same relay, and across relays again within 2 s of its return', async () => {
  const scene = await setup()
  const { world, far } = scene
  for (const forMs of [awayMs, 0]) {
    await promptly(returnMs, () =>
      whileTalking(scene, async () => crossesAgain(scene, await backAfter(world, forMs))),
    )
    await promptly(promptMs, () => lag(scene, far))
  }
  await isSound(scene)
})

test('a bus that is absent at boot is missed by nobody at the same relay, and used within 2 s of its coming', async () => {
  const [natsPort = 0] = await freePorts(1)
  const passwords = { relay: 'relay-password', presence: 'presence-password' }
  const scene = await setup({
    nats: { url: `nats://127.0.0.1:${natsPort}` },
    envOf: {
      relay: { NATS_USER: 'relay', NATS_PASSWORD: passwords.relay },
      presence: { NATS_USER: 'presence', NATS_PASSWORD: passwords.presence },
    },
  })
  await whileTalking(scene, () => delay(systemScheduler, 2_000))
  const folder = path.join(scene.world.folder, 'late-nats')
  let server: Awaited<ReturnType<typeof startNatsServer>> | undefined
  onTestFinished(() => server?.stop())
  await promptly(returnMs, async () => {
    await server?.stop()
    server = await startNatsServer({ folder, port: natsPort, passwords })
    return crossesAgain(scene, performance.now())
  })
  await isSound(scene)
})
