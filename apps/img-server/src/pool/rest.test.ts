import { expect, test } from 'vitest'
import { Rest } from './rest.ts'

test('a rest doubles up to its bound, and begins anew after a success', () => {
  const rest = new Rest(500, 3_000)
  expect(rest.leftMs(10)).toBe(0)
  const lefts = [1, 2, 3, 4, 5].map(() => {
    rest.begin(1_000)
    return rest.leftMs(1_100)
  })
  expect(lefts).toEqual([400, 900, 1_900, 2_900, 2_900])
  expect(rest.leftMs(4_001)).toBe(0)
  rest.end()
  rest.begin(9_000)
  expect(rest.leftMs(9_000)).toBe(500)
})
