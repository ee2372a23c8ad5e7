import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { maxProofBytes, rangeBytes, rangeCount, sampleRanges } from './sample-ranges.ts'

describe('the ranges of a proof', () => {
  test.each([1, 1_000, maxProofBytes])('are the whole of a file of %d bytes', (sizeBytes) => {
    expect(sampleRanges(sizeBytes, randomBytes)).toEqual([{ start: 0, end: sizeBytes }])
  })

  test.each([maxProofBytes + 1, 5_000_000, 2 ** 31, 2 ** 52])(
    'of a file of %d bytes are of one length, within it, and have its first and last bytes',
    (sizeBytes) => {
      const ranges = sampleRanges(sizeBytes, randomBytes)
      expect(ranges).toHaveLength(rangeCount)
      expect(ranges[0]).toEqual({ start: 0, end: rangeBytes })
      expect(ranges.at(-1)).toEqual({ start: sizeBytes - rangeBytes, end: sizeBytes })
      for (const { start, end } of ranges) {
        expect(Number.isSafeInteger(start)).toBe(true)
        expect([end - start, start >= 0, end <= sizeBytes]).toEqual([rangeBytes, true, true])
      }
      expect(ranges.map(({ start }) => start)).toEqual(
        ranges.map(({ start }) => start).toSorted((a, b) => a - b),
      )
    },
  )

  test('are others each time', () => {
    expect(sampleRanges(2 ** 31, randomBytes)).not.toEqual(sampleRanges(2 ** 31, randomBytes))
  })

  test('leave no gap of a thirtieth of the file', () => {
    const sizeBytes = 100_000_000
    for (let round = 0; round < 50; round += 1) {
      const starts = sampleRanges(sizeBytes, randomBytes).map(({ start }) => start)
      const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0))
      expect(Math.max(...gaps)).toBeLessThan(sizeBytes / 30)
    }
  })

  test('fall on every part of the file', () => {
    const sizeBytes = 10 * maxProofBytes
    const seen = new Set<number>()
    for (let round = 0; round < 400; round += 1) {
      for (const { start } of sampleRanges(sizeBytes, randomBytes)) {
        seen.add(Math.floor((start / sizeBytes) * 1_000))
      }
    }
    expect(seen.size).toBeGreaterThan(990)
  })
})
