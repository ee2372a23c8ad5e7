import { expect, test } from 'vitest'
import { LastingFacts, maxLastingFacts } from './lasting-facts.ts'

test('one fact too many makes room for all, and the newest stays', () => {
  const lasting = new LastingFacts()
  for (let i = 1; i <= maxLastingFacts; i += 1) lasting.learnDirect(i, i + 1, i)
  expect(lasting.directOf('1:2')).toBe(1)
  lasting.learnDirect(1, 2, 1)
  expect(lasting.directOf('7:8')).toBe(7)
  lasting.learnDirect(7, 900_000, 3)
  expect(lasting.directOf('7:8')).toBeUndefined()
  expect(lasting.directOf('7:900000')).toBe(3)
  lasting.forget()
  expect(lasting.directOf('7:900000')).toBeUndefined()
})
