import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRange } from './ranges.ts'

describe('parseRange', () => {
  test.each([
    [undefined, { kind: 'whole' }, 'no header'],
    ['bytes=0-0', { kind: 'parts', ranges: [{ start: 0, end: 1 }] }, 'the first byte'],
    ['bytes=90-', { kind: 'parts', ranges: [{ start: 90, end: 100 }] }, 'an open end'],
    ['bytes=-10', { kind: 'parts', ranges: [{ start: 90, end: 100 }] }, 'a suffix'],
    ['bytes=-1000', { kind: 'parts', ranges: [{ start: 0, end: 100 }] }, 'a suffix over all'],
    ['bytes=50-999', { kind: 'parts', ranges: [{ start: 50, end: 100 }] }, 'beyond the end'],
    ['bytes=100-', { kind: 'unsatisfiable' }, 'from the end on'],
    ['bytes=-0', { kind: 'unsatisfiable' }, 'the last none'],
    ['bytes=5-4', { kind: 'whole' }, 'backwards is malformed'],
    ['bytes=', { kind: 'whole' }, 'nothing'],
    ['bytes=a-b', { kind: 'whole' }, 'no numbers'],
    ['lines=0-1', { kind: 'whole' }, 'another unit'],
    ['bytes=0-5,3-9', { kind: 'whole' }, 'overlapping'],
    [`bytes=${'0-0,'.repeat(400)}1-1`, { kind: 'whole' }, 'a header too long'],
    ['bytes=99999999999999999999-', { kind: 'whole' }, 'a number too long'],
  ])('reads %j of 100 bytes', (header, expected, _note) => {
    expect(parseRange(header, 100)).toEqual(expected)
  })

  test('takes eight ranges and turns nine into the whole', () => {
    const list = (count: number) =>
      `bytes=${Array.from({ length: count }, (_, i) => `${i * 2}-${i * 2}`).join(', ')}`
    expect(parseRange(list(8), 100)).toMatchObject({ kind: 'parts' })
    expect(parseRange(list(9), 100)).toEqual({ kind: 'whole' })
  })

  test('leaves out what is not there and keeps the rest', () => {
    const expected = { kind: 'parts', ranges: [{ start: 1, end: 3 }] }
    expect(parseRange('bytes=1-2,200-300', 100)).toEqual(expected)
  })

  test('of no bytes, satisfies nothing', () => {
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' })
    expect(parseRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' })
  })

  test('never leaves the bounds nor overlaps, whatever the header', () => {
    const piece = fc.oneof(fc.constantFrom('-', ',', ' ', 'bytes=', 'x'), fc.nat(200).map(String))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.nat(150), (pieces, sizeBytes) => {
        const read = parseRange(`bytes=${pieces.join('')}`, sizeBytes)
        if (read.kind !== 'parts') return
        let lastEnd = 0
        for (const { start, end } of read.ranges.toSorted((a, b) => a.start - b.start)) {
          expect(start).toBeGreaterThanOrEqual(lastEnd)
          expect(end).toBeGreaterThan(start)
          expect(end).toBeLessThanOrEqual(sizeBytes)
          lastEnd = end
        }
      }),
    )
  })
})
