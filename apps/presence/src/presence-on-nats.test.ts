import { connectBus, presenceShards, shardOf, startNatsServer, subjects } from '@parley/bus'
import type { NatsServer } from '@parley/bus'
import { events, presence as wire } from '@parley/proto'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { presenceLimits } from './limits.ts'
import { device, newId, openRelay, setup, statesOf } from './presence.fixture.ts'
import type { World } from './presence.fixture.ts'

const { OFFLINE, ONLINE } = wire.State

async function withNats() {
  const folder = await tempFolder()
  const nats = await startNatsServer({ folder })
  onTestFinished(() => nats.kill())
  const env = { NATS_URL: nats.url, NATS_USER: 'presence' }
  const world = await setup({ ...env, NATS_PASSWORD: nats.passwords['presence'] ?? '' })
  return { folder, nats, world, ...(await readerOn(nats)) }
}

interface Heard {
  readonly shard: number
  readonly batch: events.PresenceTransitions
}

/** A relay's ear on every shard. */
async function readerOn(nats: NatsServer) {
  const { log } = recordingLogger()
  const request = { natsUrl: nats.url, natsUser: 'relay', natsPassword: nats.passwords['relay'] }
  const bus = await connectBus(request, { name: 'relay', log })
  onTestFinished(() => bus.close())
  const heard: Heard[] = []
  for (let shard = 0; shard < presenceShards; shard += 1) {
    bus.subscribe(subjects.presence(shard), (payload) => {
      heard.push({ shard, batch: events.PresenceTransitions.decode(payload) })
    })
  }
  await bus.flush()
  const states = (user: Buffer) =>
    heard
      .flatMap(({ batch }) => batch.users)
      .filter((one) => one.userId.equals(user))
      .map((one) => one.state)
  return { heard, states }
}

function keepReporting(relay: { report(): void }): void {
  const beat = setInterval(() => relay.report(), 1_000)
  onTestFinished(() => clearInterval(beat))
}

describe('presence on a real bus', () => {
  test('watchers hear of a clean leave at once, of a dropped connection after the grace, of a killed relay within a lease', async () => {
    const { world, heard, states } = await withNats()
    const [clean, dropped, crashed] = [newId(), newId(), newId()]
    const [cleanDevice, droppedDevice] = [device(clean, ONLINE), device(dropped, ONLINE)]
    const relay = openRelay(world, 'r1')
    const doomed = openRelay(world, 'r2')
    relay.report({ devices: [cleanDevice, droppedDevice] })
    doomed.report({ devices: [device(crashed, ONLINE)] })
    await eventually(() => [clean, dropped, crashed].every((user) => states(user)[0] === ONLINE))
    keepReporting(relay)
    const startedMs = performance.now()
    doomed.stream.cancel()
    relay.report({
      devices: [
        { ...cleanDevice, state: OFFLINE, clean: true },
        { ...droppedDevice, state: OFFLINE },
      ],
    })
    await eventually(() => states(clean).at(-1) === OFFLINE)
    await eventually(() => states(dropped).at(-1) === OFFLINE)
    expect(performance.now() - startedMs).toBeGreaterThan(presenceLimits.graceMs - 100)
    await eventually(() => states(crashed).at(-1) === OFFLINE)
    const users = heard.flatMap(({ batch }) => batch.users)
    const leaves = users.filter(({ state }) => state === OFFLINE)
    expect(leaves[0]?.userId).toEqual(clean)
    for (const user of [clean, dropped, crashed]) expect(states(user)).toEqual([ONLINE, OFFLINE])
  }, 90_000)

  test('goes on while nats-server is away and shows what was missed when it is back', async () => {
    const { folder, nats, world, heard } = await withNats()
    const relay = openRelay(world)
    relay.report()
    keepReporting(relay)
    const user = newId()
    const batches = () => heard.filter((one) => one.shard === shardOf(user)).map((one) => one.batch)
    const known = batches().at(-1)?.revision ?? 0
    await nats.kill()
    relay.report({ devices: [device(user, ONLINE)] })
    await eventually(async () => (await statesOf(world, [user]))[0] === ONLINE)
    const { port, passwords } = nats
    const again = await startNatsServer({ folder, port, passwords })
    onTestFinished(() => again.kill())
    // The first batch after the outage says that there was one before which this reader lacks.
    await eventually(() => batches().some((batch) => batch.previousRevision > known))
    const answered = relay.answers.length
    await eventually(() => relay.answers.length > answered)
    expect(await statesOf(world, [user])).toEqual([ONLINE])
  }, 90_000)

  test('starts while nats-server is missing, says so in its health, and serves', async () => {
    const world = await setup({ NATS_URL: 'nats://127.0.0.1:1' })
    expect(await statesOf(world, [newId()])).toEqual([OFFLINE])
    const warnings = world.lines.filter((line) => line.level === 40)
    expect(warnings.map((line) => line.msg)).toEqual(['bus cannot be reached, trying on'])
    expect(await healthOf(world, '')).toBe('serving')
    expect(await healthOf(world, 'bus')).toBe('not serving')
  })
})

/** The standard health call by hand: a string in, an enum out. */
function healthOf({ client }: Pick<World, 'client'>, check: string): Promise<string> {
  const ask = (name: string) => Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)])
  const read = (bytes: Buffer) => (bytes[1] === 1 ? 'serving' : 'not serving')
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', ask, read, check, (error, answer) => {
      if (error || answer === undefined) reject(error ?? new Error('no answer'))
      else resolve(answer)
    })
  })
}
