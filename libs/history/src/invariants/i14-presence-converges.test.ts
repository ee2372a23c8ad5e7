import { expect, test } from 'vitest'
import { readFacts } from '../facts.ts'
import { lines } from '../testing/lines.ts'
import type { Line } from '../testing/lines.ts'
import { presenceConverges } from './i14-presence-converges.ts'

const heal = { t: 0, op: 'info', f: 'phase', phase: 'heal' } as const
const told = (t: number, state: string) =>
  ({ t, user: 'wes', session: 'wes/1', op: 'ok', f: 'presence', of: 'pat', state }) as const
const watch = (t = 0) =>
  ({ t, user: 'wes', session: 'wes/1', op: 'invoke', f: 'watch', of: 'pat' }) as const
const came = (t: number) => ({ t, user: 'pat', op: 'info', f: 'came' }) as const
const gone = (t: number, how: 'bye' | 'crash') =>
  ({ t, user: 'pat', op: 'info', f: 'gone', how }) as const
const end = (t: number) => ({ t, op: 'info', f: 'phase', phase: 'end' }) as const

const check = (...history: Line[]) => presenceConverges(readFacts(lines(...history)))

test('watchers who are told in time are right', () => {
  const calm = [
    heal,
    watch(),
    told(1, 'offline'),
    came(100),
    told(900, 'online'),
    gone(5_000, 'bye'),
  ]
  expect(check(...calm, told(6_500, 'offline'), end(60_000))).toEqual([])
})

test('who comes and is not told within 2 s, who goes and stays a ghost, are breaches', () => {
  expect(check(heal, watch(), told(1, 'offline'), came(100), end(3_000))).toEqual([
    'wes believed pat offline 2000 ms after that one came',
  ])
  const late = [gone(100, 'crash'), told(8_200, 'offline'), end(60_000)]
  const ghost = [heal, watch(), told(1, 'online'), ...late]
  expect(check(...ghost)).toEqual(['wes believed pat online 8000 ms after that one went (crash)'])
})

test('somebody who changes again before the time is up is judged by the last change only', () => {
  const quick = [heal, watch(), told(1, 'online'), gone(100, 'bye'), came(300), told(400, 'online')]
  expect(check(...quick, end(60_000))).toEqual([])
})

test('a watcher who is told nothing at all is a breach, from its own beginning on', () => {
  expect(check(heal, watch(50), came(100), end(3_000))).toEqual([
    'wes believed pat nothing 2000 ms after that one came',
  ])
  expect(check(heal, came(100), watch(1_500), end(3_000))).toEqual([])
  expect(check(heal, came(100), watch(1_500), told(3_000, 'away'), end(4_000))).toEqual([])
  expect(check(heal, came(100), watch(1_500), end(4_000))).toHaveLength(1)
})

test('who came may be unknown while presence gathers itself, and not for longer', () => {
  const unknown = [heal, watch(), told(1, 'unknown')]
  expect(check(...unknown, came(100), end(5_000))).toEqual([])
  expect(check(...unknown, came(4_500), end(10_000))).toEqual([
    'wes believed pat unknown 2000 ms after that one came',
  ])
})
