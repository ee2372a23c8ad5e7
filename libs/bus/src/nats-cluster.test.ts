import { systemScheduler } from '@parley/service-kit'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { NatsBus } from './nats-bus.ts'
import { startNatsCluster } from './nats-cluster.ts'
import { startNatsServer } from './nats-server.ts'
import { subjects } from './subjects.ts'

const subject = subjects.user('u1')

/** Three servers, and a relay's bus at each. */
async function setup() {
  const cluster = await startNatsCluster({ folder: await tempFolder() })
  onTestFinished(() => cluster.stop())
  const open = async (url: string) => {
    const { log } = recordingLogger()
    const who = { user: 'relay', password: cluster.passwords['relay'], name: 'relay' }
    const bus = await NatsBus.open({ ...who, url, scheduler: systemScheduler, log })
    onTestFinished(() => bus.close())
    return bus
  }
  const buses = await Promise.all(cluster.servers.map(({ url }) => open(url)))
  return { cluster, open, buses }
}

function collect(bus: NatsBus): string[] {
  const got: string[] = []
  bus.subscribe(subject, (payload) => void got.push(Buffer.from(payload).toString()))
  return got
}

/** Says it until somebody hears: interest reaches the other servers a moment later. */
async function saidUntilHeard(from: NatsBus, words: string, got: readonly string[]): Promise<void> {
  await eventually(() => {
    from.publish(subject, Buffer.from(words))
    return got.includes(words)
  })
}

describe('a cluster of nats-servers', () => {
  test('passes on what is said at any of them, in its order, and not back to who said it', async () => {
    const { buses } = await setup()
    const heard = buses.map(collect)
    await Promise.all(buses.map((bus) => bus.flush()))
    const third = buses[2]
    for (const got of heard.slice(0, 2)) await saidUntilHeard(third!, 'known', got)
    const words = Array.from({ length: 200 }, (_, i) => `message ${i}`)
    for (const each of words) third!.publish(subject, Buffer.from(each))
    await eventually(() => heard.slice(0, 2).every((got) => got.at(-1) === words.at(-1)))
    expect(heard.slice(0, 2).map((got) => got.slice(-200))).toEqual([words, words])
    expect(heard[2]).toEqual([])
  })

  test('who loses a server is at another one soon, with all subscriptions', async () => {
    const { cluster, open, buses } = await setup()
    const [, second] = buses
    const movable = await open(cluster.url)
    const got = collect(movable)
    await movable.flush()
    await saidUntilHeard(second!, 'before', got)
    const returned = new Promise((resolve) => movable.onReconnect(() => resolve(true)))
    // Wherever it is: one after the other goes and comes back until it has moved.
    let movedMs = 0
    for (const place of [0, 2, 1]) {
      const killedMs = performance.now()
      await cluster.servers[place]!.kill()
      const left = movable.connected ? await leavesWithin(movable, 1_000) : true
      if (left) {
        await returned
        movedMs = performance.now() - killedMs
        break
      }
      await cluster.start(place)
    }
    expect(movedMs).toBeGreaterThan(0)
    expect(movedMs).toBeLessThan(15_000)
    const speaker = await open(cluster.url)
    await saidUntilHeard(speaker, 'after', got)
  }, 30_000)

  test('a server that returns is one of them again', async () => {
    const { cluster, buses } = await setup()
    const [first, second] = buses
    const got = collect(second!)
    await cluster.servers[0]!.kill()
    await cluster.start(0)
    await eventually(() => first!.connected, { timeoutMs: 5_000 })
    await saidUntilHeard(first!, 'back', got)
  }, 20_000)

  test('a server that does not know the secret is not let in', async () => {
    const { cluster, buses } = await setup()
    const seeds = cluster.servers.map(({ routePort }) => `127.0.0.1:${routePort}`)
    const { passwords } = cluster
    const stranger = await startNatsServer({
      folder: await tempFolder(),
      passwords,
      routes: { secret: 'guessed', seeds },
    })
    onTestFinished(() => stranger.kill())
    const { log } = recordingLogger()
    const outside = await NatsBus.open({
      url: stranger.url,
      user: 'relay',
      password: passwords['relay'],
      name: 'relay',
      scheduler: systemScheduler,
      log,
    })
    onTestFinished(() => outside.close())
    const [first, second] = buses
    const [overheard, heard] = [collect(outside), collect(second!)]
    await outside.flush()
    await saidUntilHeard(first!, 'among us', heard)
    for (let i = 0; i < 20; i += 1) await saidUntilHeard(first!, `again ${i}`, heard)
    expect(overheard).toEqual([])
  })
})

/** True when the bus loses its server within that time. */
async function leavesWithin(bus: NatsBus, timeoutMs: number): Promise<boolean> {
  return eventually(() => !bus.connected, { timeoutMs }).then(
    () => true,
    () => false,
  )
}
