import { CloseStack, systemScheduler } from '@parley/service-kit'
import { eventually, recordingLogger } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { Lease } from '../chores/lease.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import type { OutboxRow } from '../store/queries/hold-outbox.ts'
import { startHoldDelivery } from './hold-delivery.ts'
import { completeEveryMs } from './hold-target.ts'
import { holdsServer } from './holds-server.fixture.ts'

test('every server is told everything, in order, and then the outbox is empty', async () => {
  const world = new World()
  const servers = [await holdsServer(), await holdsServer()]
  world.start(servers)
  for (let i = 0; i < 1_234; i += 1) world.add(`file-${i}`)
  await eventually(() => world.outbox.length === 0, { timeoutMs: 15_000 })
  const ids = Array.from({ length: 1_234 }, (_, i) => `file-${i}`)
  for (const server of servers) expect(server.heard).toEqual(ids)
})

test('a server is told when nothing waits behind what it is told, and only then', async () => {
  const world = new World()
  const server = await holdsServer()
  for (let i = 0; i < 1_100; i += 1) world.add(`file-${i}`)
  world.start([server])
  await eventually(() => world.outbox.length === 0, { timeoutMs: 15_000 })
  // A call is 500 at most, and a full reading of the outbox says nothing of what is behind it.
  expect(server.told.slice(0, 3)).toEqual(['500 more to come', '500 more to come', '100 all'])
  // With nothing to tell it hears it again after a while.
  world.aheadMs += completeEveryMs
  await eventually(() => server.told.length > 3)
  expect(server.told[3]).toBe('0 all')
})

test('the others wait when they are 5,000 changes ahead, and are not told that nothing waits', async () => {
  const world = new World()
  const [well, ill] = [await holdsServer(), await holdsServer()]
  ill.isIll = true
  world.start([well, ill])
  for (let i = 0; i < 5_100; i += 1) world.add(`file-${i}`)
  await eventually(() => well.heard.length === 5_000, { timeoutMs: 30_000 })
  world.aheadMs += completeEveryMs
  const asked = world.asked
  await eventually(() => world.asked > asked + 1, { timeoutMs: 15_000 })
  expect(well.heard).toHaveLength(5_000)
  expect(well.told.filter((told) => told.endsWith('all'))).toEqual([])
  ill.isIll = false
  world.aheadMs += completeEveryMs
  await eventually(() => well.told.at(-1)?.endsWith('all') === true, { timeoutMs: 15_000 })
  expect(well.heard).toHaveLength(5_100)
})

test('a server that does not answer keeps nobody else from hearing, and hears it all later', async () => {
  const world = new World()
  const [well, ill] = [await holdsServer(), await holdsServer()]
  ill.isIll = true
  world.start([well, ill])
  for (let i = 0; i < 1_200; i += 1) world.add(`file-${i}`)
  await eventually(() => well.heard.length === 1_200, { timeoutMs: 15_000 })
  world.add('late')
  await eventually(() => well.heard.at(-1) === 'late', { timeoutMs: 15_000 })
  expect(world.outbox).toHaveLength(1_201)
  ill.isIll = false
  await eventually(() => world.outbox.length === 0, { timeoutMs: 30_000 })
  expect(new Set(ill.heard).size).toBe(1_201)
  expect(well.heard).toHaveLength(1_201)
})

test('a relay whose lease ended while it read the outbox tells nothing of what it read', async () => {
  const world = new World()
  const server = await holdsServer()
  world.add('file')
  world.answered = () => void (world.isLeader = false)
  world.start([server])
  await eventually(() => world.asked === 1)
  const looked = world.looked
  await eventually(() => world.looked > looked + 2)
  expect(server.heard).toEqual([])
  world.answered = () => undefined
  world.isLeader = true
  await eventually(() => server.heard.length === 1)
})

test('a server that has not heard for a minute is named once, and again when it hears', async () => {
  const world = new World()
  const [well, ill] = [await holdsServer(), await holdsServer()]
  ill.isIll = true
  world.start([well, ill])
  world.add('file')
  await eventually(() => world.said('holds wait for a server').length > 0)
  const waited = world.said('holds wait for a server').length
  expect(world.said('a server has not heard of holds for a minute')).toEqual([])
  world.aheadMs += 60_000
  await eventually(() => world.said('holds wait for a server').length > waited)
  world.aheadMs += 60_000
  await eventually(() => world.said('holds wait for a server').length > waited + 1)
  const warned = world.said('a server has not heard of holds for a minute')
  expect(warned).toMatchObject([{ level: 40, service: 1, server: ill.address }])
  ill.isIll = false
  world.aheadMs += 60_000
  const again = () => world.said('a server hears of holds again')
  await eventually(() => again().length > 0)
  expect(again()).toMatchObject([{ server: ill.address }])
})

test('what is to be held and is at no server is warned of, what one of them has is not', async () => {
  const world = new World()
  const [one, other] = [await holdsServer(), await holdsServer()]
  one.missing = ['gone', 'let go', 'elsewhere']
  other.missing = ['gone', 'let go']
  for (const id of ['here', 'gone', 'elsewhere']) world.add(id)
  world.add('let go', 0)
  world.start([one, other])
  await eventually(() => world.outbox.length === 0)
  expect(world.said('what is to be held is at no server')).toMatchObject([
    { level: 40, service: 1, count: 1, ids: ['gone'] },
  ])
})

/** An outbox in memory. */
class World {
  readonly outbox: OutboxRow[] = []
  asked = 0
  looked = 0
  isLeader = true
  answered: () => void = () => undefined
  aheadMs = 0
  readonly #logger = recordingLogger()
  #nextId = 1

  said(words: string) {
    return this.#logger.lines.filter(({ msg }) => msg === words)
  }

  add(attachmentId: string, held = 1): void {
    this.outbox.push({ id: this.#nextId, attachmentId, holder: 'c/1', held })
    this.#nextId += 1
  }

  #lease(): Lease {
    const isHeld = () => {
      this.looked += 1
      return this.isLeader
    }
    return {
      get isHeld() {
        return isHeld()
      },
    }
  }

  start(servers: readonly { address: string }[]): void {
    const closers = new CloseStack()
    onTestFinished(() => closers.close())
    const ask = async (_name: string, { limit }: { limit: number }) => {
      this.asked += 1
      this.answered()
      return this.outbox.slice(0, limit)
    }
    const run = async ({ input }: { input: { outboxIds: readonly number[] } }) => {
      const ids = new Set(input.outboxIds)
      this.outbox.splice(0, this.outbox.length, ...this.outbox.filter(({ id }) => !ids.has(id)))
    }
    const parts = {
      scheduler: { ...systemScheduler, monotonic: () => performance.now() + this.aheadMs },
      log: this.#logger.log,
      journal: { ask } as unknown as Journal,
      commits: { run } as unknown as CommitQueue,
      lease: this.#lease(),
      serviceKey: 'k'.repeat(32),
    }
    const addresses = servers.map(({ address }) => address)
    startHoldDelivery({ ...parts, service: 1, addresses }, closers)
  }
}
