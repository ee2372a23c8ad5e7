import { expect, test } from 'vitest'
import { readFacts } from '../facts.ts'
import { lines, seen } from '../testing/lines.ts'
import type { Line } from '../testing/lines.ts'
import { revocation } from './i20-revocation.ts'

const vic = { user: 'vic', device: 'vic-1', client: 'vic-1', session: 'vic-1/1' }
const connect = { ...vic, t: 0, op: 'invoke', f: 'connect', transient: false, cursors: {} } as const
const revoked = { t: 1_000, op: 'ok', f: 'revoke', ofDevice: 'vic-1' } as const
const closed = (t: number) =>
  ({ ...vic, t, op: 'info', f: 'closed', why: 'kicked REVOKED' }) as const
const entry = (t: number) =>
  ({
    ...vic,
    t,
    op: 'ok',
    f: 'entries',
    conversation: 'c',
    first: 1,
    entries: [seen('ann', 'm')],
  }) as const
const fault = (t: number, on: boolean) => ({ t, op: 'info', f: 'fault', what: 'stop', on }) as const

const check = (...history: Line[]) => revocation(readFacts(lines(...history)))

test('a stream that ends within a second is sound', () => {
  expect(check(connect, revoked, closed(1_900))).toEqual([])
})

test('a stream that lives on, is told something, or is opened anew, is a breach', () => {
  expect(check(connect, revoked)).toHaveLength(1)
  expect(check(connect, revoked, entry(2_400), closed(2_500))).toEqual([
    'vic-1/1 was told entries 1250 ms after its login had ended',
  ])
  const anew = { ...vic, session: 'vic-1/2' }
  const welcome = { ...anew, t: 5_000, op: 'ok', f: 'connect' } as const
  expect(
    check(connect, revoked, closed(1_100), { ...connect, ...anew, t: 4_000 }, welcome),
  ).toEqual(['vic-1/2 was welcomed after its login had ended'])
})

test('while a fault is at work the second begins when it is over', () => {
  const during = [connect, fault(900, true), revoked, fault(3_000, false)] as const
  expect(check(...during, closed(4_000))).toEqual([])
  expect(check(...during, closed(4_500))).toHaveLength(1)
})
