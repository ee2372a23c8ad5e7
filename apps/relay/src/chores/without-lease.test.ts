import { CloseStack } from '@parley/service-kit'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { startHoldDelivery } from '../holds/hold-delivery.ts'
import { startSearchIndex } from '../search/search-index.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import { startFreeingGroups } from '../upkeep/free-groups.ts'
import { startUpkeep } from '../upkeep/upkeep.ts'

test('without the lease nothing is delivered, indexed or forgotten, with it everything', async () => {
  const scheduler = new FakeScheduler()
  const closers = new CloseStack(scheduler)
  onTestFinished(() => closers.close())
  const done: string[] = []
  const ask = (name: string) => {
    done.push(name)
    return Promise.resolve(
      name === 'fullBlocks' ? { blocks: [], upTo: 0, newest: 0, workedMs: 0 } : [],
    )
  }
  const run = ({ name }: { name: string }) => {
    done.push(name)
    return Promise.resolve({ ok: true, answer: { forgotten: 0 } })
  }
  const lease = { isHeld: false }
  const parts = {
    scheduler,
    log: recordingLogger().log,
    journal: { ask } as unknown as Journal,
    commits: { run, depth: 0 } as unknown as CommitQueue,
    lease,
    serviceKey: 'k',
  }
  startHoldDelivery({ ...parts, service: 1, addresses: ['127.0.0.1:1'] }, closers)
  startUpkeep(parts, closers)
  startFreeingGroups(parts, closers)
  startSearchIndex({ ...parts, settlesAfterMs: 0 }, closers)
  await scheduler.advance(300_000)
  expect(done).toEqual([])
  lease.isHeld = true
  await scheduler.advance(61_000)
  expect(new Set(done)).toEqual(
    new Set(['holdOutbox', 'fullBlocks', 'forgetRequests', 'dissolvedGroups']),
  )
  lease.isHeld = false
  done.splice(0)
  await scheduler.advance(300_000)
  expect(done).toEqual([])
})
