import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { TransferProgress } from '../api.ts'
import { TransferWatch } from './transfer-watch.ts'

function setup() {
  const scheduler = new FakeScheduler()
  const told: TransferProgress[] = []
  const watch = new TransferWatch(scheduler, (progress) => told.push(progress))
  return { scheduler, told, watch }
}

test('tells how far it is, how fast, and how long it will take', async () => {
  const { scheduler, told, watch } = setup()
  watch.moved(0, 1_000_000)
  expect(told).toEqual([
    { doneBytes: 0, totalBytes: 1_000_000, ratePerSecond: 0, remainingMs: undefined },
  ])
  await scheduler.advance(500)
  watch.moved(250_000, 1_000_000)
  expect(told.at(-1)).toEqual({
    doneBytes: 250_000,
    totalBytes: 1_000_000,
    ratePerSecond: 500_000,
    remainingMs: 1_500,
  })
})

test('tells that nothing moves any more', async () => {
  const { scheduler, told, watch } = setup()
  watch.moved(0, 1_000)
  await scheduler.advance(400)
  watch.moved(500, 1_000)
  await scheduler.advance(20_000)
  expect(told.at(-1)).toMatchObject({ doneBytes: 500, ratePerSecond: 0, remainingMs: undefined })
})

test('tells nothing before the size is known, and nothing when it is over', async () => {
  const { scheduler, told, watch } = setup()
  await scheduler.advance(3_000)
  expect(told).toEqual([])
  watch.moved(1, 2)
  watch.close()
  await scheduler.advance(3_000)
  expect(told).toHaveLength(1)
})
