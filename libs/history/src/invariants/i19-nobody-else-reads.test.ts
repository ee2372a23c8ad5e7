import { expect, test } from 'vitest'
import { readFacts } from '../facts.ts'
import { lines } from '../testing/lines.ts'
import { nobodyElseReads } from './i19-nobody-else-reads.ts'

const probe = (op: 'ok' | 'fail', exists: boolean, answer: string) =>
  ({ op, f: 'probe', what: 'messages', exists, answer }) as const

test('a denial that is the same for what exists and what does not is sound', () => {
  const history = lines(probe('fail', true, 'NOT_FOUND'), probe('fail', false, 'NOT_FOUND'))
  expect(nobodyElseReads(readFacts(history))).toEqual([])
})

test('being served, and a denial that tells, are breaches', () => {
  expect(nobodyElseReads(readFacts(lines(probe('ok', true, '3 entries'))))).toEqual([
    'ann was served messages: 3 entries',
  ])
  const telling = lines(probe('fail', true, 'FORBIDDEN'), probe('fail', false, 'NOT_FOUND'))
  expect(nobodyElseReads(readFacts(telling))).toEqual([
    'messages that exists is denied as "FORBIDDEN", nothing else is',
  ])
})
