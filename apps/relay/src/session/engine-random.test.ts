import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Login } from '../testing/engine-world.ts'
import type { FakeDevice } from '../testing/fake-device.ts'
import { lateJournal } from '../testing/late-journal.ts'
import { fakeWorld } from '../testing/fake-world.ts'
import type { FakeWorld } from '../testing/fake-world.ts'
import { StrictReader, truth } from '../testing/strict-reader.ts'
import { maxProcessBytes } from './send-queue.ts'

const runs = Number(process.env['ENGINE_RUNS'] ?? 150)

/** What may happen, at any time, to three members of two groups and their devices. */
type Step =
  | {
      readonly kind: 'write'
      readonly who: number
      readonly where: number
      readonly count: number
      readonly big: boolean
    }
  | { readonly kind: 'turns'; readonly count: number }
  | { readonly kind: 'stop'; readonly who: number; readonly frames: number }
  | { readonly kind: 'read' | 'cut' | 'connect'; readonly who: number }
  | { readonly kind: 'pull'; readonly who: number; readonly where: number }
  | { readonly kind: 'leave' | 'join'; readonly where: number }
  | { readonly kind: 'settle' | 'second' | 'squeeze' | 'relax' }

const who = fc.integer({ min: 0, max: 3 })
const where = fc.integer({ min: 0, max: 1 })
const one = fc.integer({ min: 0, max: 1 })
const kinds = <Kind extends string>(...of: Kind[]) => fc.constantFrom(...of)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kinds('write'),
      who: one,
      where,
      count: fc.integer({ min: 1, max: 8 }),
      big: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: kinds('turns'), count: fc.integer({ min: 0, max: 12 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: kinds('stop'), who, frames: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kinds('read', 'cut', 'connect', 'connect'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: kinds('pull'), who, where }) },
  { weight: 2, arbitrary: fc.record({ kind: kinds('leave', 'join', 'join'), where }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: kinds('settle', 'settle', 'settle', 'second', 'squeeze', 'squeeze', 'relax'),
    }),
  },
)

interface Cast {
  readonly world: FakeWorld
  readonly groups: readonly Buffer[]
  readonly writers: readonly FakeDevice[]
  readonly readers: readonly StrictReader[]
  readonly guest: Login
  readonly count: { written: number; squeezed: number }
}

async function cast(seed: number): Promise<Cast> {
  const world = fakeWorld({ seed, around: (journal, clock) => lateJournal(clock, journal) })
  const ann = await world.register('ann')
  const bob = await world.register('bob')
  const guest = await world.register('eve')
  await world.befriend(ann, bob)
  await world.befriend(ann, guest)
  const groups = [await world.group(ann, bob, guest), await world.group(ann, bob, guest)]
  const logins = [ann, bob, await world.another(bob), guest]
  const writers = [ann, guest].map((login) => world.connect(login, { transient: true }))
  const readers = logins.map((login) => new StrictReader(login, groups))
  for (const reader of readers) reader.connect(world)
  await world.settle()
  return { world, groups, writers, readers, guest, count: { written: 0, squeezed: 0 } }
}

async function carryOut(scene: Cast, now: Step): Promise<void> {
  const { world, groups, writers, readers, guest, count } = scene
  const reader = 'who' in now ? readers[now.who] : undefined
  const group = groups['where' in now ? now.where : 0] ?? Buffer.alloc(16)
  switch (now.kind) {
    case 'write':
      for (let i = 0; i < now.count; i += 1) {
        count.written += 1
        writers[now.who]?.send(group, `${count.written} ${now.big ? 'x'.repeat(16_000) : ''}`)
      }
      return
    case 'turns':
      for (let i = 0; i < now.count; i += 1) world.scheduler.turn()
      for (let i = 0; i < 4; i += 1) await Promise.resolve()
      return
    case 'settle':
      return world.settle()
    case 'second':
      return world.scheduler.advance(1_000)
    case 'stop':
      return reader?.device?.stopReading(now.frames)
    case 'read':
      return reader?.device?.read()
    case 'cut':
      reader?.take()
      return reader?.device?.cut()
    case 'connect':
      return reader?.connect(world)
    case 'pull': {
      const level = reader?.logs.get(group.toString('hex'))?.length ?? 0
      const value = { conversationId: group, afterSeq: Math.max(0, level - 3) }
      if (reader !== undefined) reader.mayRepeat = true
      return reader?.device?.tell({ $case: 'pull', value })
    }
    case 'squeeze':
      // Memory runs out: the next entries that wait for anybody are dropped.
      world.engine.sessions.budget.usedBytes += maxProcessBytes - count.squeezed
      count.squeezed = maxProcessBytes
      return
    case 'relax':
      world.engine.sessions.budget.usedBytes -= count.squeezed
      count.squeezed = 0
      return
    default: {
      const name = now.kind === 'leave' ? 'leaveGroup' : 'joinGroup'
      const input = { user: guest.user, conversationId: group }
      void world.engine.commits.run({ name, input })
    }
  }
}

/** Heals everything: all are connected and read until nothing more comes. */
async function endWell(scene: Cast): Promise<void> {
  const { world, readers } = scene
  await carryOut(scene, { kind: 'relax' })
  await world.settle()
  for (const reader of readers)
    if (reader.device?.connection.isOver !== false) reader.connect(world)
  for (let i = 0; i < 200; i += 1) {
    const before = readers.map(({ device }) => device?.events.length)
    for (const { device } of readers) device?.read()
    await world.scheduler.advance(1_000)
    if (readers.every(({ device }, at) => device?.events.length === before[at])) break
  }
  for (const reader of readers) reader.take()
}

describe('whatever happens in whatever order', () => {
  test(
    'every member sees all it may see exactly once, in order, and nothing else',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 1e6 }),
          fc.array(step, { minLength: 5, maxLength: 60 }),
          async (seed, steps) => {
            const scene = await cast(seed)
            for (const now of steps) await carryOut(scene, now)
            await endWell(scene)
            for (const { login, logs } of scene.readers) {
              for (const [group, log] of logs) {
                expect([...log]).toEqual(await truth(scene.world, login, group))
              }
            }
            expect(scene.world.lines.filter(({ level }) => level >= 50)).toEqual([])
            for (const { device } of scene.readers) device?.cut()
            expect(scene.world.engine.sessions.budget.usedBytes).toBe(0)
          },
        ),
        { numRuns: runs },
      )
    },
    60_000 + runs * 600,
  )
})
