import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('lets a burst through, then one at a time at its rate', () => {
  const bucket = new TokenBucket(10, 3, 0)
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0])
  expect(bucket.take(0)).toBe(100)
  expect(bucket.take(99)).toBeGreaterThan(0)
  expect(bucket.take(100)).toBe(0)
})

test('never holds more than its burst, and a clock that steps back costs nothing', () => {
  const bucket = new TokenBucket(10, 2, 10_000)
  expect([bucket.take(999_999), bucket.take(999_999)]).toEqual([0, 0])
  expect(bucket.take(999_999)).toBeGreaterThan(0)
  expect(bucket.take(5)).toBeGreaterThan(0)
})

test('takes several at once, all or none', () => {
  const bucket = new TokenBucket(10, 10, 0)
  expect([bucket.take(0, 8), bucket.take(0, 4), bucket.take(0, 2)]).toEqual([0, 200, 0])
})
