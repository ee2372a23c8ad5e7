import { expect, test } from 'vitest'
import { accepted, broken, entry, refused, stored, tries } from '../testing/story.ts'
import type { Line } from '../testing/lines.ts'

const bob = { client: 'bob-1', user: 'bob', device: 'bob-1', session: 'bob-1/1' }

const shows = (
  id: string,
  way: 'direct' | 'relay',
  said: { sender?: string; body?: string } = {},
) =>
  ({
    ...bob,
    op: 'ok',
    f: 'shown',
    conversation: 'c',
    sender: 'ann',
    id,
    body: id,
    way,
    ...said,
  }) satisfies Line

const doubts = (id: string): Line => ({ ...bob, op: 'info', f: 'doubt', conversation: 'c', id })

const both = [tries('one'), accepted('one', 1), tries('two'), accepted('two', 2)]
const log = stored(entry('one'), entry('two'))

test('each message shown once, by whichever way it came first, is sound', () => {
  expect(broken(both, shows('two', 'direct'), shows('one', 'relay'), log)['I24']).toBeUndefined()
})

test('a message that is shown at both arrivals is a breach', () => {
  const twice = [shows('one', 'direct'), shows('one', 'relay'), shows('two', 'relay')]
  expect(broken(both, twice, log)['I24']).toEqual(['bob-1 showed one 2 times: direct, relay'])
})

test('a message of the log that is shown by neither way is a breach', () => {
  expect(broken(both, shows('two', 'direct'), log)['I24']).toEqual([
    'bob-1 never showed one, number 1',
  ])
})

test('own messages and what is no text need not be shown', () => {
  const own = [tries('mine', { by: 'bob' }), accepted('mine', 3, 'bob')]
  const nudge = [tries('hey', { kind: 'nudge' }), accepted('hey', 4)]
  const all = [shows('one', 'relay'), shows('two', 'relay')]
  const entries = [entry('one'), entry('two'), entry('mine', { by: 'bob' })]
  const longer = stored(...entries, entry('hey', { kind: 'nudge' }))
  expect(broken(both, own, nudge, all, longer)['I24']).toBeUndefined()
})

test('a message that came directly and was never stored must be doubted', () => {
  const bad = [tries('bad'), refused('bad', 'BLOCKED')]
  const shown = [shows('one', 'relay'), shows('two', 'relay'), shows('bad', 'direct')]
  expect(broken(both, bad, shown, log)['I24']).toEqual([
    'bob-1 showed bad, which is not stored, and did not doubt it',
  ])
  expect(broken(both, bad, shown, doubts('bad'), log)['I24']).toBeUndefined()
})

test('words in the name of somebody who has not said them are a breach', () => {
  const all = [shows('one', 'relay'), shows('two', 'relay')]
  const forged = shows('evil', 'direct', { body: 'pay eve' })
  expect(broken(both, all, forged, doubts('evil'), log)['I24']).toEqual([
    'bob-1 showed pay eve, which ann never said',
  ])
  const changed = [shows('one', 'relay'), shows('two', 'direct', { body: 'three' })]
  expect(broken(both, changed, log)['I24']).toEqual(['bob-1 showed three for what was two'])
})
