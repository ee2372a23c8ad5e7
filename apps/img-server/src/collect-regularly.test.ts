import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import { collectEveryMs, collectRegularly } from './collect-regularly.ts'

const none = { uploads: 0, files: 0, blobs: 0 }

function setup(run: (relayAnswers: boolean) => Promise<typeof none>) {
  const scheduler = new FakeScheduler()
  const told: unknown[] = []
  const events = {
    collected: (counts: unknown) => told.push(counts),
    collectionFailed: (error: unknown) => told.push(error),
  }
  let relayIsThere = true
  const relayAnswers = async () => relayIsThere
  const collecting = collectRegularly({ collection: { run }, relayAnswers, events, scheduler })
  return { scheduler, told, collecting, relayLeaves: () => (relayIsThere = false) }
}

test('collects every ten minutes, telling each time whether the relay could be asked', async () => {
  const runs: boolean[] = []
  const { scheduler, collecting, relayLeaves } = setup(
    async (answers) => (runs.push(answers), none),
  )
  await scheduler.advance(collectEveryMs)
  relayLeaves()
  await scheduler.advance(collectEveryMs)
  await collecting.stop()
  expect(runs).toEqual([true, false])
})

test('does not begin a run while one is under way, and stops with it', async () => {
  let runs = 0
  let finish: (counts: typeof none) => void = () => undefined
  const { scheduler, collecting, told } = setup(() => {
    runs += 1
    return new Promise((resolve) => (finish = resolve))
  })
  await scheduler.advance(collectEveryMs * 3)
  expect(runs).toBe(1)
  const stopped = collecting.stop()
  finish({ ...none, files: 3 })
  await stopped
  expect(told).toEqual([{ ...none, files: 3 }])
})

test('a run that fails is told of, and the next one comes', async () => {
  const { scheduler, collecting, told } = setup(() => Promise.reject(new Error('disk')))
  await scheduler.advance(collectEveryMs)
  await scheduler.advance(collectEveryMs)
  await collecting.stop()
  expect(told).toHaveLength(2)
})
