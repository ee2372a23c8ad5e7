import { expect, test } from 'vitest'
import { readFacts } from '../facts.ts'
import { change, lines, seen } from '../testing/lines.ts'
import type { Line } from '../testing/lines.ts'
import { membersOnly } from './i12-members-only.ts'

/** A group of ann and bob; bob is removed at 4 and comes again at 6. */
const log = [
  change('ann', 'created'),
  change('bob', 'joined'),
  seen('bob', 'm3'),
  change('bob', 'removed'),
  seen('ann', 'm5'),
  change('bob', 'joined'),
]
const stored = (...entries: object[]) =>
  ({ op: 'ok', f: 'log', conversation: 'c', first: 1, entries }) as Line
const connect = { op: 'invoke', f: 'connect', transient: false, cursors: {} } as const
const bob = { user: 'bob', device: 'bob-1', client: 'bob-1', session: 'bob-1/1' }
const told = (first: number, last: number) =>
  ({
    ...bob,
    op: 'ok',
    f: 'entries',
    conversation: 'c',
    first,
    entries: log.slice(first - 1, last),
  }) as Line
const gap = (from: number, to: number, why: string) =>
  ({ ...bob, op: 'ok', f: 'gap', conversation: 'c', from, to, why }) as const
const removed = {
  op: 'ok',
  f: 'member',
  change: 'remove',
  conversation: 'c',
  member: 'bob',
} as const

const check = (...history: Line[]) => membersOnly(readFacts(lines(...history)))

test('what is told within the stays, with a gap between, is sound', () => {
  const hello = { ...bob, ...connect }
  const good = [hello, gap(1, 1, '1'), told(2, 4), gap(5, 5, '1'), told(6, 6)]
  expect(check(...good, removed, stored(...log))).toEqual([])
})

test('an entry told to somebody who was removed is a breach', () => {
  expect(check({ ...bob, ...connect }, told(3, 5), stored(...log))).toEqual([
    'bob-1 was told c 5, its user was no member',
  ])
})

test('a message that stands outside its sender’s stays is a breach', () => {
  expect(check(stored(...log.slice(0, 4), seen('bob', 'm5')))).toEqual([
    'words of m5 stands at c 5, its sender was no member',
  ])
})

test('a member who is told that entries are not theirs is a breach, older ones may be left out', () => {
  const hello = { ...bob, ...connect }
  expect(check(hello, gap(1, 3, '2'), stored(...log))).toEqual([])
  expect(check(hello, gap(1, 3, '1'), stored(...log))).toHaveLength(1)
})

test('a removal that was acknowledged and is not in the log is a breach', () => {
  expect(check(removed, removed, stored(...log))).toEqual(['bob left c 2 times, its log says 1'])
})
