import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import { Backoff } from './index.ts'

test('delays stay under a ceiling that doubles up to the cap, for ever', () => {
  const backoff = new Backoff(new FakeScheduler(), { baseMs: 100, capMs: 1_000 })
  const delays = Array.from({ length: 2_000 }, () => backoff.next())
  expect(delays[0]).toBeLessThanOrEqual(100)
  expect(delays[1]).toBeLessThanOrEqual(200)
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1)
  expect(Math.max(...delays)).toBeLessThanOrEqual(1_000)
  expect(Math.max(...delays)).toBeGreaterThan(900)
  expect(backoff.attempts).toBe(2_000)
})

test('two clients that lose the same server wait differently', () => {
  const delays = (seed: number) => {
    const backoff = new Backoff(new FakeScheduler({ seed }), { baseMs: 1_000, capMs: 60_000 })
    return Array.from({ length: 5 }, () => backoff.next())
  }
  expect(delays(1)).not.toEqual(delays(2))
})

test('after a success the next failure starts small', () => {
  const backoff = new Backoff(new FakeScheduler(), { baseMs: 10, capMs: 10_000 })
  for (let failure = 0; failure < 20; failure += 1) backoff.next()
  backoff.reset()
  expect(backoff.next()).toBeLessThanOrEqual(10)
})
