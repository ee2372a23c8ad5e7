import { FakeScheduler } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { delay, systemScheduler, within } from './index.ts'

describe('delay', () => {
  test('resolves when its time has passed, not before', async () => {
    const scheduler = new FakeScheduler()
    let done = false
    const waiting = delay(scheduler, 100).then(() => (done = true))
    await scheduler.advance(99)
    expect(done).toBe(false)
    await scheduler.advance(1)
    await waiting
    expect(done).toBe(true)
  })

  test('an abort ends it with the reason and leaves no timer', async () => {
    const scheduler = new FakeScheduler()
    const controller = new AbortController()
    const waiting = delay(scheduler, 100, controller.signal)
    controller.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
    expect(scheduler.pendingTimers).toBe(0)
    await expect(delay(scheduler, 1, controller.signal)).rejects.toThrow('stop')
  })
})

describe('within', () => {
  test('gives the answer and leaves no timer', async () => {
    const scheduler = new FakeScheduler()
    expect(await within(scheduler, 10, 'work', Promise.resolve(7))).toBe(7)
    expect(scheduler.pendingTimers).toBe(0)
  })

  test('a late answer is a deadline error that names the work', async () => {
    const scheduler = new FakeScheduler()
    const waiting = within(scheduler, 10, 'the work', new Promise(() => undefined))
    const failure = waiting.catch((error: unknown) => error)
    await scheduler.advance(10)
    expect(await failure).toMatchObject({
      kind: 'deadline',
      message: 'the work took longer than 10 ms',
    })
  })
})

test('the system scheduler fires, repeats, cancels and tells the time', async () => {
  const before = systemScheduler.now()
  let ticks = 0
  const cancelled = systemScheduler.setTimer(1, () => (ticks = 1_000))
  cancelled.cancel()
  await new Promise<void>((resolve) => {
    const timer = systemScheduler.every(1, () => {
      ticks += 1
      if (ticks < 3) return
      timer.cancel()
      systemScheduler.soon(resolve)
    })
  })
  expect(ticks).toBe(3)
  expect(systemScheduler.now()).toBeGreaterThanOrEqual(before)
  expect(systemScheduler.randomBytes(16)).not.toEqual(systemScheduler.randomBytes(16))
  expect(systemScheduler.random()).toBeLessThan(1)
  expect(systemScheduler.monotonic()).toBeGreaterThan(0)
})
