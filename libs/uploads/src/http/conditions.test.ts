import { expect, test } from 'vitest'
import { rangeStillMeans, weighConditions } from './conditions.ts'

const etag = '"abc"'

test.each([
  [{}, 'go-on', 'no condition'],
  [{ 'if-none-match': '"abc"' }, 'not-modified', 'the same bytes'],
  [{ 'if-none-match': '"x", W/"abc"' }, 'not-modified', 'weakly the same, in a list'],
  [{ 'if-none-match': '*' }, 'not-modified', 'any bytes'],
  [{ 'if-none-match': '"x"' }, 'go-on', 'other bytes'],
  [{ 'if-match': '"abc"' }, 'go-on', 'the wanted bytes'],
  [{ 'if-match': 'W/"abc"' }, 'failed', 'weak tags never match strongly'],
  [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'failed', 'If-Match is weighed first'],
])('weighs %j', (headers, expected, _note) => {
  expect(weighConditions(headers, etag)).toBe(expected)
})

test('honours a range only without If-Range or with exactly this tag', () => {
  expect(rangeStillMeans({}, etag)).toBe(true)
  expect(rangeStillMeans({ 'if-range': '"abc"' }, etag)).toBe(true)
  expect(rangeStillMeans({ 'if-range': 'W/"abc"' }, etag)).toBe(false)
  expect(rangeStillMeans({ 'if-range': 'Sat, 21 Nov 2026 00:00:00 GMT' }, etag)).toBe(false)
})
