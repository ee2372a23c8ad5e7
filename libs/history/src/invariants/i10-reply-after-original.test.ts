import { expect, test } from 'vitest'
import { readFacts } from '../facts.ts'
import { lines, seen } from '../testing/lines.ts'
import { replyAfterOriginal } from './i10-reply-after-original.ts'

const connect = { op: 'invoke', f: 'connect', transient: false, cursors: {} } as const
const run = (first: number, ...entries: ReturnType<typeof seen>[]) =>
  ({ op: 'ok', f: 'entries', conversation: 'c', first, entries }) as const

test('a reply that comes before its original, or names a later one, is a breach', () => {
  const reply = seen('bob', 'm2', { replyTo: 1 })
  const early = lines(connect, run(2, reply), run(1, seen('bob', 'm1')))
  expect(replyAfterOriginal(readFacts(early))).toEqual([
    'ann-1 was told words of m2 before 1, its original',
  ])
  const log = [seen('bob', 'm1', { replyTo: 2 }), seen('bob', 'm2')]
  const backwards = lines({ op: 'ok', f: 'log', conversation: 'c', first: 1, entries: log })
  expect(replyAfterOriginal(readFacts(backwards))).toEqual(['words of m1 at c 1 replies to 2'])
})

test('a reply after its original is none, in the same run, by cursor, by gap or by an own message', () => {
  const reply = (seq: number) => seen('bob', 'r', { replyTo: seq })
  const gap = { op: 'ok', f: 'gap', conversation: 'c', from: 1, to: 4, why: 'older' } as const
  const own = { op: 'ok', f: 'send', id: 'o', conversation: 'c', seq: 1, duplicate: false } as const
  const send = { op: 'invoke', f: 'send', id: 'o', to: 'c', kind: 'text', body: 'o' } as const
  const good = [
    lines(connect, run(1, seen('bob', 'm1'), reply(1))),
    lines({ ...connect, cursors: { c: 3 } }, run(4, reply(2))),
    lines(connect, gap, run(5, reply(4))),
    lines(connect, send, own, run(2, reply(1))),
  ]
  for (const history of good) expect(replyAfterOriginal(readFacts(history))).toEqual([])
})
