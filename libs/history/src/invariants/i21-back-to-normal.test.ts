import { expect, test } from 'vitest'
import { readFacts } from '../facts.ts'
import { lines } from '../testing/lines.ts'
import { backToNormal } from './i21-back-to-normal.ts'

const gauge = (when: 'before' | 'after', value: number) =>
  ({ op: 'info', f: 'gauge', part: 'relay', what: 'descriptors', when, value }) as const

test('a tenth more, and a little besides, is as before; anything beyond is a breach', () => {
  expect(backToNormal(readFacts(lines(gauge('before', 100), gauge('after', 134))))).toEqual([])
  expect(backToNormal(readFacts(lines(gauge('before', 100), gauge('after', 135))))).toEqual([
    'relay has 135 of descriptors, it had 100',
  ])
})
