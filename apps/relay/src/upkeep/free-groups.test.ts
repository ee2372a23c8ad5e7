import { CloseStack } from '@parley/service-kit'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { CommitQueue } from '../store/commit-queue.ts'
import { startFreeingGroups } from './free-groups.ts'

/** Dissolved groups, by how many helpings their attachments are. */
function setup(helpings: Map<number, number>) {
  const scheduler = new FakeScheduler()
  const closers = new CloseStack(scheduler)
  onTestFinished(() => closers.close())
  const store = { isAway: false, runs: 0 }
  const ask = () =>
    store.isAway ? Promise.reject(new Error('away')) : Promise.resolve([...helpings.keys()])
  const run = ({ input }: { readonly input: { readonly conversation: number } }) => {
    store.runs += 1
    const left = (helpings.get(input.conversation) ?? 1) - 1
    helpings.set(input.conversation, left)
    if (left === 0) helpings.delete(input.conversation)
    return Promise.resolve({ ok: true, answer: { isAll: left === 0 } })
  }
  const { log, lines } = recordingLogger()
  const journal = { ask } as unknown as Parameters<typeof startFreeingGroups>[0]['journal']
  const commits = { run } as unknown as CommitQueue
  startFreeingGroups({ scheduler, log, journal, commits, lease: { isHeld: true } }, closers)
  return { scheduler, store, lines, closers }
}

test('all that dissolved groups hold is let go of, helping by helping', async () => {
  const helpings = new Map([
    [1, 1],
    [2, 7],
  ])
  const { scheduler, store } = setup(helpings)
  await scheduler.advance(6_000)
  expect([...helpings, store.runs]).toEqual([8])
})

test('between two helpings what others send is stored', async () => {
  const { scheduler, store } = setup(new Map([[1, 3]]))
  await scheduler.advance(5_000)
  expect(store.runs).toBe(1)
  await scheduler.advance(49)
  expect(store.runs).toBe(1)
  await scheduler.advance(1)
  expect(store.runs).toBe(2)
})

test('nothing is begun any more once it is over', async () => {
  const { scheduler, store, closers } = setup(new Map([[1, 3]]))
  await scheduler.advance(5_000)
  await closers.close()
  await scheduler.advance(10_000)
  expect(store.runs).toBe(1)
})

test('of one group so many helpings are taken, the rest when it is looked for again', async () => {
  const helpings = new Map([
    [1, 30],
    [2, 1],
  ])
  const { scheduler } = setup(helpings)
  await scheduler.advance(7_000)
  expect([...helpings]).toEqual([[1, 10]])
  await scheduler.advance(5_000)
  expect([...helpings]).toEqual([])
})

test('a store that is away is asked again', async () => {
  const helpings = new Map([[1, 1]])
  const { scheduler, store, lines } = setup(helpings)
  store.isAway = true
  await scheduler.advance(5_000)
  expect(lines.map(({ msg }) => msg)).toEqual(['dissolved groups wait for the store'])
  store.isAway = false
  await scheduler.advance(5_000)
  expect([...helpings]).toEqual([])
})
