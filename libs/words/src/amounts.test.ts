import { expect, test } from 'vitest'
import { clockText, durationText, sizeText, timeText } from './amounts.ts'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [64 * 1024 * 1024, '64 MiB'],
  [5 * 1024 ** 4, '5 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})

test('the day is left out when it is today', () => {
  const noon = new Date(2026, 4, 3, 12, 0, 9).getTime()
  const nextDay = noon + 24 * 3_600_000
  expect(clockText(noon, noon)).toBe('12:00:09')
  expect(clockText(noon, nextDay)).toBe('2026-05-03 12:00:09')
})

test('a time that is none does not break a list', () => {
  expect(timeText(Number.MAX_SAFE_INTEGER)).toBe('-')
})

test.each([
  [1, '0:00'],
  [7_400, '0:07'],
  [59_600, '1:00'],
  [600_000, '10:00'],
  [3_723_000, '1:02:03'],
])('%i ms play for %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})
