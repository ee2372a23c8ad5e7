import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SortedIds } from './sorted-ids.ts'

const id = fc.integer({ min: 0, max: 3_000 }).map((number) => String(number).padStart(4, '0'))
const change = fc.record({ id, add: fc.boolean() })

test('holds what a plain set holds, in order, from any point', () => {
  const changes = fc.array(change, { maxLength: 3_000, size: 'max' })
  const property = fc.property(changes, id, fc.nat(50), (all, after, limit) => {
    const sorted = new SortedIds()
    const plain = new Set<string>()
    for (const one of all) {
      if (one.add) sorted.add(one.id)
      else sorted.delete(one.id)
      if (one.add) plain.add(one.id)
      else plain.delete(one.id)
    }
    const expected = [...plain].toSorted()
    expect(sorted.after('', 5_000)).toEqual(expected)
    expect(sorted.after(after, limit)).toEqual(expected.filter((x) => x > after).slice(0, limit))
  })
  fc.assert(property, { numRuns: 100 })
})

test('keeps order over many runs of ids added backwards', () => {
  const sorted = new SortedIds()
  const ids = Array.from({ length: 5_000 }, (_, i) => String(i).padStart(5, '0'))
  for (const one of ids.toReversed()) sorted.add(one)
  expect(sorted.after('', 10_000)).toEqual(ids)
  for (const one of ids) sorted.delete(one)
  expect(sorted.after('', 1)).toEqual([])
})
