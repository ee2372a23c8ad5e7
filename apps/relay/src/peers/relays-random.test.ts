import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Login } from '../testing/engine-world.ts'
import type { FakeDevice } from '../testing/fake-device.ts'
import { lateJournal } from '../testing/late-journal.ts'
import { relaysWorld } from '../testing/relays-world.ts'
import type { RelaysWorld } from '../testing/relays-world.ts'
import { StrictReader, truth } from '../testing/strict-reader.ts'

/** What may happen at three relays to members of a group and their devices, over a bus that fails. */
type Step =
  | { readonly kind: 'write'; readonly at: number; readonly who: number; readonly count: number }
  | { readonly kind: 'connect'; readonly at: number; readonly who: number }
  | { readonly kind: 'cut' | 'stop' | 'read'; readonly who: number }
  | { readonly kind: 'leave' | 'join' | 'remove'; readonly at: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'turns'; readonly count: number }
  | {
      readonly kind: 'bus'
      readonly loss: number
      readonly repetition: number
      readonly delayMs: number
    }
  | { readonly kind: 'away' | 'back' }

const relayCount = 3
const runs = Number(process.env['ENGINE_RUNS'] ?? 100)
const at = fc.integer({ min: 0, max: relayCount - 1 })
const who = fc.integer({ min: 0, max: 3 })
const kinds = <Kind extends string>(...of: Kind[]) => fc.constantFrom(...of)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: kinds('write'),
      at,
      who: fc.integer({ min: 0, max: 1 }),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kinds('connect'), at, who }) },
  { weight: 3, arbitrary: fc.record({ kind: kinds('cut', 'stop', 'read', 'read'), who }) },
  { weight: 4, arbitrary: fc.record({ kind: kinds('leave', 'join', 'join', 'remove'), at }) },
  { weight: 6, arbitrary: fc.record({ kind: kinds('pass'), ms: fc.integer({ min: 0, max: 40 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kinds('turns'), count: fc.integer({ min: 0, max: 15 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kinds('bus'),
      loss: fc.constantFrom(0, 0.2, 0.6, 1),
      repetition: fc.constantFrom(0, 0.5),
      delayMs: fc.constantFrom(0, 3, 12),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kinds('away', 'back', 'back') }) },
)

interface Scene {
  readonly world: RelaysWorld
  readonly group: Buffer
  readonly owner: Login
  readonly guest: Login
  /** By relay, of the owner and the guest. */
  readonly writers: readonly (readonly FakeDevice[])[]
  readonly readers: readonly StrictReader[]
  readonly count: { written: number }
}

async function scene(seed: number): Promise<Scene> {
  const world = relaysWorld({
    seed,
    relays: relayCount,
    around: (journal, clock) => lateJournal(clock, journal),
  })
  const { a, done, relays } = world
  const owner = await done(a.register('ann'))
  const bob = await done(a.register('bob'))
  const guest = await done(a.register('eve'))
  for (const friend of [bob, guest]) await done(a.befriend(owner, friend))
  const group = await done(a.group(owner, bob, guest))
  const writers = relays.map((relay) =>
    [owner, guest].map((login) => relay.connect(login, { transient: true })),
  )
  const logins = [owner, bob, await done(a.another(bob)), guest]
  const readers = logins.map((login) => new StrictReader(login, [group]))
  readers.forEach((reader, i) => reader.connect(relays[i % relayCount] ?? a))
  await world.settle()
  return { world, group, owner, guest, writers, readers, count: { written: 0 } }
}

async function carryOut(now: Step, { world, group, writers, readers, count, ...who }: Scene) {
  const reader = 'who' in now ? readers[now.who] : undefined
  const relay = world.relays['at' in now ? now.at : 0] ?? world.a
  const guest = { user: who.guest.user, conversationId: group }
  switch (now.kind) {
    case 'write':
      for (let i = 0; i < now.count; i += 1) {
        count.written += 1
        writers[now.at]?.[now.who]?.send(group, `${count.written}`)
      }
      return
    case 'connect':
      return reader?.connect(relay)
    case 'cut':
      reader?.take()
      return reader?.device?.cut()
    case 'stop':
      return reader?.device?.stopReading(0)
    case 'read':
      return reader?.device?.read()
    case 'leave':
      return void relay.engine.commits.run({ name: 'leaveGroup', input: guest })
    case 'join':
      return void relay.engine.commits.run({ name: 'joinGroup', input: guest })
    case 'remove': {
      const input = { user: who.owner.user, conversationId: group, otherId: who.guest.userId }
      return void relay.engine.commits.run({ name: 'removeMember', input })
    }
    case 'pass':
      return world.advance(now.ms)
    case 'turns':
      for (let i = 0; i < now.count; i += 1) world.scheduler.turn()
      for (let i = 0; i < 4; i += 1) await Promise.resolve()
      return
    case 'bus':
      for (const { bus } of world.relays) Object.assign(bus.faults, now)
      return
    case 'away':
      return world.hub.stop()
    case 'back':
      return world.hub.start()
  }
}

/** Heals everything; whoever is connected reads on, without anything new being written. */
async function endWell({ world, readers }: Scene): Promise<void> {
  for (const { bus } of world.relays) Object.assign(bus.faults, { loss: 0, delayMs: 0 })
  world.hub.start()
  await world.settle()
  readers.forEach((reader, i) => {
    if (reader.device?.connection.isOver !== false || reader.device.isEnded) {
      reader.connect(world.relays[i % relayCount] ?? world.a)
    }
  })
  for (let i = 0; i < 5; i += 1) {
    for (const { device } of readers) device?.read()
    await world.advance(2_000)
  }
  for (const reader of readers) reader.take()
}

/** Found by chance: the guest was never told the line of its own leaving. */
const leftWhileAsking: readonly Step[] = [
  { kind: 'write', at: 0, who: 0, count: 1 },
  { kind: 'write', at: 1, who: 0, count: 1 },
  { kind: 'pass', ms: 0 },
  { kind: 'write', at: 0, who: 0, count: 2 },
  { kind: 'write', at: 2, who: 0, count: 1 },
  { kind: 'bus', loss: 0.6, repetition: 0, delayMs: 0 },
  { kind: 'write', at: 1, who: 0, count: 3 },
  { kind: 'connect', at: 2, who: 0 },
  { kind: 'pass', ms: 0 },
  { kind: 'leave', at: 1 },
  { kind: 'pass', ms: 0 },
  { kind: 'pass', ms: 5 },
  { kind: 'write', at: 0, who: 0, count: 1 },
  { kind: 'pass', ms: 0 },
]

/** Found by chance: the guest was shown what others wrote between its leaving and its return. */
const returnedWhileAsking: readonly Step[] = [
  { kind: 'write', at: 2, who: 0, count: 1 },
  { kind: 'write', at: 0, who: 0, count: 2 },
  { kind: 'write', at: 1, who: 0, count: 5 },
  { kind: 'join', at: 1 },
  { kind: 'leave', at: 0 },
  { kind: 'connect', at: 0, who: 0 },
  { kind: 'leave', at: 2 },
  { kind: 'turns', count: 6 },
  { kind: 'bus', loss: 0, repetition: 0.5, delayMs: 0 },
]

describe('whatever happens at several relays, whatever the bus loses, repeats and reorders', () => {
  test(
    'every member sees all it may see exactly once, in order, and nothing else',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 1e6 }),
          fc.array(step, { minLength: 5, maxLength: 60 }),
          async (seed, steps) => {
            const cast = await scene(seed)
            for (const now of steps) await carryOut(now, cast)
            await endWell(cast)
            for (const { login, logs } of cast.readers) {
              for (const [group, log] of logs) {
                expect([...log]).toEqual(await truth(cast.world, login, group))
              }
            }
            const lines = cast.world.relays.flatMap((relay) => relay.lines)
            expect(lines.filter(({ level }) => level >= 50)).toEqual([])
          },
        ),
        {
          numRuns: runs,
          examples: [
            [442683, [...leftWhileAsking]],
            [149016, [...returnedWhileAsking]],
          ],
        },
      )
    },
    60_000 + runs * 600,
  )
})
