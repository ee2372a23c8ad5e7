import { expect, test } from 'vitest'
import { ReplayWindow, windowSize } from './replay-window.ts'

test('each number is new once, in any order, unless it is too old', () => {
  const window = new ReplayWindow()
  const take = (number: number) => {
    const isNew = window.mayBe(number)
    if (isNew) window.note(number)
    return isNew
  }
  expect([0, 2, 1, 2, 1, 0].map(take)).toEqual([true, true, true, false, false, false])
  expect(take(10 * windowSize)).toBe(true)
  expect(take(9 * windowSize)).toBe(false)
  expect(take(9 * windowSize + 1)).toBe(true)
  expect(take(9 * windowSize + 1)).toBe(false)
})

test('ten thousand numbers in a random order within the window are each taken once', () => {
  const window = new ReplayWindow()
  let taken = 0
  for (let from = 0; from < 10_000; from += 500) {
    const numbers = Array.from({ length: 500 }, (_, i) => from + ((i * 7) % 500))
    for (const number of [...numbers, ...numbers]) {
      if (!window.mayBe(number)) continue
      window.note(number)
      taken += 1
    }
  }
  expect(taken).toBe(10_000)
})
