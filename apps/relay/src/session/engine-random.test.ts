import { chat } from '@parley/proto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Login } from '../testing/engine-world.ts'
import type { FakeDevice } from '../testing/fake-device.ts'
import { lateJournal } from '../testing/late-journal.ts'
import { fakeWorld } from '../testing/fake-world.ts'
import type { FakeWorld } from '../testing/fake-world.ts'
import { maxProcessBytes } from './send-queue.ts'

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

/** A client that keeps logs as the protocol says: n+1 after n, a gap counts as shown. */
class Reader {
  readonly login: Login
  readonly #world: FakeWorld
  /** By conversation and number: what the device has stored; undefined for what it may not see. */
  readonly logs = new Map<string, (string | undefined)[]>()
  device: FakeDevice | undefined
  mayRepeat = false
  #taken = 0

  constructor(world: FakeWorld, login: Login, groups: readonly Buffer[]) {
    this.#world = world
    this.login = login
    for (const group of groups) this.logs.set(group.toString('hex'), [])
  }

  connect(): void {
    this.take()
    this.device?.cut()
    const cursors = [...this.logs].map(([id, { length: seq }]) => {
      return { conversationId: Buffer.from(id, 'hex'), epoch: 1, seq }
    })
    this.device = this.#world.connect(this.login, { cursors })
    this.#taken = 0
    this.mayRepeat = false
  }

  /** Stores what has arrived; fails when it is not the next, or not the same as before. */
  take(): void {
    for (const event of this.device?.events.slice(this.#taken) ?? []) {
      this.#taken += 1
      if (event.$case !== 'entries' && event.$case !== 'gap') continue
      const log = this.logs.get(event.value.conversationId.toString('hex'))
      if (log === undefined) continue
      if (event.$case === 'gap') {
        for (let seq = event.value.from; seq <= event.value.to; seq += 1) this.#store(log, seq)
        continue
      }
      const { firstSeq, entries } = event.value
      entries.forEach((entry, i) => this.#store(log, firstSeq + i, said(entry)))
    }
  }

  #store(log: (string | undefined)[], seq: number, text?: string): void {
    const { length: level } = log
    // Only a pull may bring again what this stream has brought.
    if (seq > level + 1) throw new Error(`${this.login.name} got ${seq} after ${level}`)
    if (seq <= level && !this.mayRepeat) throw new Error(`${this.login.name} got ${seq} again`)
    if (seq <= level && log[seq - 1] !== text) throw new Error(`${seq} has changed`)
    log[seq - 1] = text
  }
}

function said(entry: chat.Entry): string {
  const content = entry.content?.content
  return content?.$case === 'text' ? content.value.text : (content?.$case ?? '')
}

interface Cast {
  readonly world: FakeWorld
  readonly groups: readonly Buffer[]
  readonly writers: readonly FakeDevice[]
  readonly readers: readonly Reader[]
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
  const readers = logins.map((login) => new Reader(world, login, groups))
  for (const reader of readers) reader.connect()
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
      return reader?.connect()
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

/** What each may see in the end, from the database. */
async function truth(
  { world }: Cast,
  { user, device }: Login,
  group: string,
): Promise<(string | undefined)[]> {
  const rows = await world.done(world.journal.ask('sessionView', { user, device }))
  const stays = rows.filter((row) => Buffer.from(row.publicId).toString('hex') === group)
  const { conversation, head } = stays[0]!
  const end = Math.max(...stays.map(({ leftSeq }) => (leftSeq === 0 ? head : leftSeq)))
  const run = await world.done(world.journal.readLog(conversation, 1, end, 1e9))
  return chat.Entries.decode(run.packed).entries.map((entry, i) => {
    const maySee = stays.some(
      (stay) => stay.joinedSeq <= i + 1 && (stay.leftSeq === 0 || stay.leftSeq >= i + 1),
    )
    return maySee ? said(entry) : undefined
  })
}

/** Heals everything: all are connected and read until nothing more comes. */
async function endWell(scene: Cast): Promise<void> {
  const { world, readers } = scene
  await carryOut(scene, { kind: 'relax' })
  await world.settle()
  for (const reader of readers) if (reader.device?.connection.isOver !== false) reader.connect()
  for (let i = 0; i < 200; i += 1) {
    const before = readers.map(({ device }) => device?.events.length)
    for (const { device } of readers) device?.read()
    await world.scheduler.advance(1_000)
    if (readers.every(({ device }, at) => device?.events.length === before[at])) break
  }
  for (const reader of readers) reader.take()
}

describe('whatever happens in whatever order', () => {
  test('every member sees all it may see exactly once, in order, and nothing else', async () => {
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
              expect([...log]).toEqual(await truth(scene, login, group))
            }
          }
          expect(scene.world.lines.filter(({ level }) => level >= 50)).toEqual([])
          for (const { device } of scene.readers) device?.cut()
          expect(scene.world.engine.sessions.budget.usedBytes).toBe(0)
        },
      ),
      { numRuns: Number(process.env['ENGINE_RUNS'] ?? 150) },
    )
  }, 120_000)
})
