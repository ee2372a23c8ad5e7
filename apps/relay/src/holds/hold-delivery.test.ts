import { CloseStack, systemScheduler } from '@parley/service-kit'
import { eventually, recordingLogger } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { Lease } from '../chores/lease.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import type { OutboxRow } from '../store/queries/hold-outbox.ts'
import { startHoldDelivery } from './hold-delivery.ts'
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

test('the others wait when they are 5,000 changes ahead', async () => {
  const world = new World()
  const [well, ill] = [await holdsServer(), await holdsServer()]
  ill.isIll = true
  world.start([well, ill])
  for (let i = 0; i < 5_600; i += 1) world.add(`file-${i}`)
  await eventually(() => well.heard.length === 5_000, { timeoutMs: 30_000 })
  const asked = world.asked
  await eventually(() => world.asked > asked + 1, { timeoutMs: 15_000 })
  expect(well.heard).toHaveLength(5_000)
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

/** An outbox in memory. */
class World {
  readonly outbox: OutboxRow[] = []
  asked = 0
  looked = 0
  isLeader = true
  answered: () => void = () => undefined
  #nextId = 1

  add(attachmentId: string): void {
    this.outbox.push({ id: this.#nextId, attachmentId, holder: 'c/1', held: 1 })
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
      scheduler: systemScheduler,
      log: recordingLogger().log,
      journal: { ask } as unknown as Journal,
      commits: { run } as unknown as CommitQueue,
      lease: this.#lease(),
      serviceKey: 'k'.repeat(32),
    }
    const addresses = servers.map(({ address }) => address)
    startHoldDelivery({ ...parts, service: 1, addresses }, closers)
  }
}
