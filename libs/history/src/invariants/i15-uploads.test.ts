import { describe, expect, test } from 'vitest'
import { readFacts } from '../facts.ts'
import { lines } from '../testing/lines.ts'
import type { Line } from '../testing/lines.ts'
import { noneDangling, offsetIsTruth, uploadsAreKept } from './i15-uploads.ts'

const facts = (...history: Line[]) => readFacts(lines(...history))
const begun = { op: 'invoke', f: 'upload', upload: 'u', sizeBytes: 9, digest: 'd' } as const
const complete = { op: 'ok', f: 'upload', upload: 'u', file: 'f' } as const
const read = { op: 'ok', f: 'download', file: 'f', digest: 'd' } as const
const unread = { op: 'fail', f: 'download', file: 'f', reason: '404' } as const

describe('a completed upload', () => {
  test('that reads back the same is kept', () => {
    expect(uploadsAreKept(facts(begun, complete, read))).toEqual([])
  })
  test.each([
    ['other bytes', { ...read, digest: 'x' }, 'f was d and reads as x'],
    ['a refusal', unread, 'f was complete and reads as 404'],
    ['nothing', begun, 'f was complete and was not read back'],
  ] as const)('that reads back as %s is a breach', (_note, last, words) => {
    expect(uploadsAreKept(facts(begun, complete, last))).toEqual([words])
  })
})

describe('an offset', () => {
  const sent = (upTo: number) => ({ op: 'invoke', f: 'bytes', upload: 'u', upTo }) as const
  const told = (upTo: number) => ({ op: 'ok', f: 'bytes', upload: 'u', upTo }) as const
  test('between what was told and what was sent is sound', () => {
    expect(offsetIsTruth(facts(told(0), sent(5), told(3), sent(9), told(9)))).toEqual([])
  })
  test('that goes back, or beyond what was sent, is a breach', () => {
    expect(offsetIsTruth(facts(sent(5), told(5), told(3)))).toEqual([
      'u is at 3, it was at 5 before',
    ])
    expect(offsetIsTruth(facts(sent(5), told(6)))).toEqual(['u is at 6, only 5 bytes were sent'])
  })
})

test('a file of the log that cannot be read is dangling', () => {
  const entries = [{ sender: 'ann', id: 'm', kind: 'file', body: 'f' }]
  const log = { op: 'ok', f: 'log', conversation: 'c', first: 1, entries } as const
  expect(noneDangling(facts(log, read))).toEqual([])
  expect(noneDangling(facts(log, unread))).toEqual(['f at c 1 cannot be read'])
  expect(noneDangling(facts(log))).toEqual(['f at c 1 cannot be read'])
})
