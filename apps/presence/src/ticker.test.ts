import { MemoryBus, MemoryHub, presenceShards, shardOf, subjects } from '@parley/bus'
import { events as wire } from '@parley/proto'
import type { presence } from '@parley/proto'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { availability } from './domain/availability.ts'
import { ReportStream } from './domain/report-stream.ts'
import { keyId } from './ids.ts'
import { presenceLimits } from './limits.ts'
import { createContext } from './presence.ts'
import { Ticker } from './ticker.ts'

const bounds = { maxUsers: 50_000, maxDevicesPerUser: 4, maxRelays: 4 }

async function setup() {
  const scheduler = new FakeScheduler()
  const { log, lines } = recordingLogger()
  const hub = new MemoryHub()
  const [bus, reader] = [0, 1].map(() => new MemoryBus({ hub, scheduler, log })) as [
    MemoryBus,
    MemoryBus,
  ]
  const heard: wire.PresenceTransitions[] = []
  for (let shard = 0; shard < presenceShards; shard += 1) {
    const take = (payload: Uint8Array) => void heard.push(wire.PresenceTransitions.decode(payload))
    reader.subscribe(subjects.presence(shard), take)
  }
  const ctx = createContext(bounds, log, scheduler)
  onTestFinished(new Ticker(ctx, bus).start())
  await scheduler.advance(0)
  const beacons = heard.splice(0)
  return { scheduler, lines, hub, ctx, heard, beacons, relay: relayOn(ctx) }
}

function relayOn(ctx: ReturnType<typeof createContext>) {
  const stream = new ReportStream(ctx.leases, { graceMs: presenceLimits.graceMs })
  let number = 0
  return (userIds: readonly string[], state: presence.State, clean = false) => {
    const devices = userIds.map((userId) => {
      return { userId, deviceId: 'd'.repeat(16), state: state as 5, clean }
    })
    const names = { relay: 'r', bootId: 'b'.repeat(16) }
    number += 1
    const snapshot = number === 1
    const report = { ...names, number, snapshot, more: false, devices }
    return stream.take(report, ctx.scheduler.monotonic())
  }
}

const ann = 'a'.repeat(16)
const { online, away, offline } = availability

describe('what presence publishes', () => {
  test('a change goes out on the shard of its user within a tick, with its revision', async () => {
    const { scheduler, relay, heard, ctx } = await setup()
    relay([ann], online)
    await scheduler.advance(presenceLimits.tickMs)
    expect(heard).toHaveLength(1)
    const shard = shardOf(keyId(ann))
    expect(heard[0]).toMatchObject({
      instanceId: ctx.instanceId,
      revision: presenceShards + 1,
      previousRevision: shard + 1,
      asOfMs: scheduler.now(),
      users: [{ userId: keyId(ann), state: online, sinceMs: scheduler.now() }],
    })
  })

  test('several changes of a user within a tick are one', async () => {
    const { scheduler, relay, heard } = await setup()
    for (const state of [online, away, online, away]) relay([ann], state)
    await scheduler.advance(presenceLimits.tickMs)
    expect(heard.flatMap((batch) => batch.users.map((user) => user.state))).toEqual([away])
  })

  test('a lost relay is logged once, and its users go within a tick of the end of its lease', async () => {
    const { scheduler, relay, heard, lines } = await setup()
    const users = Array.from({ length: 3_000 }, (_, i) => String(i).padStart(16, '0'))
    relay(users, online)
    await scheduler.advance(presenceLimits.tickMs)
    heard.splice(0)
    await scheduler.advance(presenceLimits.leaseMs)
    const gone = heard.flatMap((batch) => batch.users).filter((user) => user.state === offline)
    expect(gone).toHaveLength(3_000)
    const lost = lines.filter((line) => line.msg === 'relay was not heard of in time')
    expect(lost).toMatchObject([{ relay: 'r', sessions: 3_000 }])
  })

  test('a great change goes out over several ticks, in batches within the bound', async () => {
    const { scheduler, relay, heard } = await setup()
    const total = presenceLimits.transitionsPerTick + 5_000
    relay(
      Array.from({ length: total }, (_, i) => String(i).padStart(16, '0')),
      online,
    )
    await scheduler.advance(presenceLimits.tickMs)
    const told = () => heard.reduce((sum, batch) => sum + batch.users.length, 0)
    expect(told()).toBe(presenceLimits.transitionsPerTick)
    await scheduler.advance(presenceLimits.tickMs)
    expect(told()).toBe(total)
    const longest = Math.max(...heard.map((batch) => batch.users.length))
    expect(longest).toBeLessThanOrEqual(presenceLimits.usersPerAnswer)
  })

  test('every shard gets a beacon at the start and every few seconds', async () => {
    const { scheduler, heard, beacons } = await setup()
    expect(beacons).toHaveLength(presenceShards)
    expect(beacons.every((batch) => batch.users.length === 0 && !batch.settled)).toBe(true)
    await scheduler.advance(presenceLimits.beaconMs)
    expect(heard).toHaveLength(presenceShards)
    expect(heard.every((batch) => batch.settled)).toBe(true)
    expect(heard.map((batch) => batch.previousRevision)).toEqual(
      beacons.map((batch) => batch.revision),
    )
  })

  test('after the bus was away beacons show at once that something was missed', async () => {
    const { scheduler, hub, relay, heard, ctx } = await setup()
    hub.stop()
    relay([ann], online)
    await scheduler.advance(presenceLimits.tickMs)
    expect(heard).toEqual([])
    const lostRevision = ctx.revisions.current
    hub.start()
    await scheduler.advance(0)
    const previous = heard.map((batch) => batch.previousRevision)
    expect(heard).toHaveLength(presenceShards)
    expect(previous).toContain(lostRevision)
  })
})

describe('a process that stood still', () => {
  test('does not take its own deafness for the loss of relays', async () => {
    const { ctx, lines, scheduler } = await setup()
    const bus = new MemoryBus({ hub: new MemoryHub(), scheduler, log: ctx.log })
    let nowMs = 0
    const frozen = { ...ctx, scheduler: { ...ctx.scheduler, monotonic: () => nowMs, now: () => 0 } }
    const ticker = new Ticker(frozen, bus)
    const stream = ctx.streams.open(nowMs)
    stream.heard(ctx.leases.acquire('r', 'b'.repeat(16), nowMs), nowMs)
    nowMs = 60_000
    ticker.tick()
    expect([ctx.leases.relays, stream.signal.aborted]).toEqual([1, false])
    expect(lines.some((line) => line.msg.startsWith('process stood still'))).toBe(true)
    for (let i = 0; i < 50; i += 1) {
      nowMs += presenceLimits.tickMs
      ticker.tick()
    }
    expect([ctx.leases.relays, stream.signal.aborted]).toEqual([0, true])
  })
})

test('refused devices are told to the operator together, not one by one', async () => {
  const { scheduler, relay, lines } = await setup()
  const users = Array.from({ length: 50_003 }, (_, i) => String(i).padStart(16, '0'))
  relay(users, online)
  await scheduler.advance(presenceLimits.beaconMs * 3)
  const told = lines.filter((line) => line.msg.startsWith('devices not taken in'))
  expect(told).toMatchObject([{ count: 3 }])
})
