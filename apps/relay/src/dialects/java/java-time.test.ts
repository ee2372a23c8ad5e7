import { expect, test } from 'vitest'
import { javaTime } from './java-time.ts'

test('a time is written as Java writes it', () => {
  expect(javaTime(Date.UTC(2022, 8, 22, 18, 21, 16))).toBe('Thu Sep 22 18:21:16 UTC 2022')
  expect(javaTime(Date.UTC(2026, 0, 2))).toBe('Fri Jan 02 00:00:00 UTC 2026')
})
