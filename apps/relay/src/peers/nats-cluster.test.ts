import { NatsBus, startNatsCluster } from '@parley/bus'
import type { NatsCluster } from '@parley/bus'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Journal } from '../store/journal.ts'
import { memoryJournal } from '../store/memory-journal.ts'
import { engineWorld } from '../testing/engine-world.ts'
import type { EngineWorld } from '../testing/engine-world.ts'
import { FakeDevice } from '../testing/fake-device.ts'
import { sharedKey } from '../testing/relays-world.ts'

/** Two relays on one journal, each at another server of a cluster of three. */
async function setup() {
  const cluster = await startNatsCluster({ folder: await tempFolder() })
  onTestFinished(() => cluster.stop())
  const journal = memoryJournal(systemScheduler, (name, error) => {
    throw new Error(`the command ${name} failed`, { cause: error })
  })
  const [one, two, three] = cluster.servers.map(({ url }) => url)
  const a = await relay(cluster, journal, `${one}`)
  const b = await relay(cluster, journal, `${two},${three}`)
  return { cluster, a, b }
}

async function relay(cluster: NatsCluster, journal: Journal, url: string): Promise<EngineWorld> {
  const { log } = recordingLogger()
  const who = { user: 'relay', password: cluster.passwords['relay'], name: 'relay' }
  const bus = await NatsBus.open({ ...who, url, scheduler: systemScheduler, log })
  onTestFinished(() => bus.close())
  const peers = { bus, bootId: uuidv7(systemScheduler), internalKey: sharedKey }
  const world = engineWorld({ scheduler: systemScheduler, journal, peers })
  onTestFinished(() => world.closers.close())
  return world
}

const said = (device: FakeDevice) =>
  device.of('entries').flatMap(({ entries }) =>
    entries.flatMap(({ content }) => {
      return content?.content?.$case === 'text' ? [content.content.value.text] : []
    }),
  )

/** Later than that they look into the log by themselves, so the limits stay; a machine with other work is asked again. */
const asked = { retry: 2, timeout: 60_000 }

describe('relays at different servers of a cluster', () => {
  test(
    'lose nothing of what is written while a device connects, though a flush covers one server',
    asked,
    async () => {
      const { a, b } = await setup()
      const ann = await a.register('ann')
      const others = []
      for (let i = 0; i < 60; i += 1) {
        const other = await a.register(`other${i}`)
        await a.befriend(ann, other)
        others.push(other)
      }
      const annHere = new FakeDevice(a, ann).hello({ transient: true })
      await eventually(() => annHere.of('welcome').length === 1)
      // Each is a subject that the cluster has never heard of, written to the moment it is subscribed to.
      const devices = others.map((other) => {
        const device = new FakeDevice(b, other)
        device.hello()
        return device
      })
      const written = new Set<FakeDevice>()
      await eventually(
        () => {
          for (const device of devices) {
            if (device.of('welcome').length === 0 || written.has(device)) continue
            written.add(device)
            annHere.send({ user: device.login.userId }, `to ${device.login.name}`)
          }
          return devices.every((device) => said(device).length > 0)
        },
        { timeoutMs: 4_000 },
      )
      for (const device of devices) expect(said(device)).toEqual([`to ${device.login.name}`])
    },
  )

  test('deliver within 2 s after a server has died', asked, async () => {
    const { cluster, a, b } = await setup()
    const [ann, bob] = [await a.register('ann'), await a.register('bob')]
    await a.befriend(ann, bob)
    const [annHere, bobHere] = [new FakeDevice(a, ann).hello(), new FakeDevice(b, bob).hello()]
    await eventually(() => bobHere.of('caughtUp').length === 1)
    await cluster.servers[1]?.kill()
    annHere.send({ user: bob.userId }, 'in between')
    await eventually(() => said(bobHere).length === 1, { timeoutMs: 2_000 })
    annHere.send({ user: bob.userId }, 'after it')
    await eventually(() => said(bobHere).length === 2, { timeoutMs: 2_000 })
    expect(said(bobHere)).toEqual(['in between', 'after it'])
  })
})
