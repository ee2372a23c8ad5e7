import { expect, test } from 'vitest'
import { KeyedRate } from './keyed-rate.ts'

test('bounds each key by itself', () => {
  const rate = new KeyedRate<string>({ perSecond: 1, burst: 2 })
  expect([rate.take('a', 0, 2), rate.take('a', 0), rate.take('b', 0)]).toEqual([0, 1_000, 0])
  expect(rate.take('a', 1_000)).toBe(0)
})

test('forgets who was unheard of longest when it knows too many', () => {
  const rate = new KeyedRate<number>({ perSecond: 1, burst: 1 }, 2)
  for (const key of [1, 2, 1, 3]) rate.take(key, 0)
  expect(rate.take(1, 0)).toBe(1_000)
  expect(rate.take(2, 0)).toBe(0)
})
