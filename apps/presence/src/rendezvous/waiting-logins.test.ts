import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WaitingLogins } from './waiting-logins.ts'
import type { WaitingLogin } from './waiting-logins.ts'

const bounds = { addresses: 3, perAddress: 2, lifeMs: 10_000, turnMs: 3_000 }

function login(name: string, address: string, port = 1): WaitingLogin {
  return { name, endpoint: { address, port: 9 }, source: { address, port } }
}

test('a login waits for its connection as long as it may, and no longer', () => {
  const waiting = new WaitingLogins(bounds)
  const ann = login('ann', 'a')
  expect(waiting.ask(ann, 0)).toBe(true)
  expect(waiting.take('b', 1)).toBeUndefined()
  expect(waiting.take('a', 9_999)).toBe(ann)
  expect(waiting.take('a', 10_000)).toBeUndefined()
  expect(waiting.sweep(10_000)).toEqual([])
  expect(waiting.size).toBe(0)
})

test('asking again does not make a login wait longer', () => {
  const waiting = new WaitingLogins(bounds)
  waiting.ask(login('ann', 'a'), 0)
  expect(waiting.ask(login('ann', 'a'), 9_000)).toBe(true)
  expect(waiting.take('a', 10_000)).toBeUndefined()
})

test('of an address so many wait, one after the other, each for a turn', () => {
  const waiting = new WaitingLogins(bounds)
  const [ann, bob, carl] = [login('ann', 'a', 1), login('bob', 'a', 2), login('carl', 'a', 3)]
  expect([ann, bob, carl].map((one) => waiting.ask(one, 0))).toEqual([true, false, false])
  expect(waiting.sweep(2_999)).toEqual([])
  expect(waiting.sweep(3_000)).toEqual([bob])
  expect(waiting.take('a', 12_999)).toBe(bob)
  expect(waiting.next('a', 12_999)).toBeUndefined()
  expect(waiting.size).toBe(0)
})

test('of one address more than may wait the one that was heard of first is forgotten', () => {
  const waiting = new WaitingLogins(bounds)
  for (const address of ['a', 'b', 'c', 'd']) waiting.ask(login('ann', address), 0)
  expect(waiting.size).toBe(3)
  expect(waiting.take('a', 1)).toBeUndefined()
  expect(waiting.take('d', 1)).toBeDefined()
})

test('whatever is asked, each address has one login that may be answered, and the bounds hold', () => {
  const step = fc.record({
    what: fc.constantFrom('ask', 'ask', 'ask', 'connect', 'sweep'),
    name: fc.constantFrom('ann', 'bob', 'carl'),
    address: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    port: fc.integer({ min: 1, max: 3 }),
    passMs: fc.integer({ min: 0, max: 4_000 }),
  })
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const waiting = new WaitingLogins(bounds)
    let nowMs = 0
    for (const { what, name, address, port, passMs } of steps) {
      nowMs += passMs
      const asked = login(name, address, port)
      if (what === 'ask' && waiting.ask(asked, nowMs) && passMs === 0) {
        const taken = waiting.take(address, nowMs)
        expect(taken === undefined || taken.name === name).toBe(true)
      }
      if (what === 'connect' && waiting.take(address, nowMs) !== undefined) {
        const next = waiting.next(address, nowMs)
        expect(next?.source.address ?? address).toBe(address)
        expect(waiting.take(address, nowMs)).toBe(next)
      }
      if (what === 'sweep') {
        for (const told of waiting.sweep(nowMs)) {
          expect(waiting.take(told.source.address, nowMs)).toBe(told)
        }
      }
      expect(waiting.size).toBeLessThanOrEqual(bounds.addresses)
    }
    for (let i = 0; i < bounds.perAddress; i += 1) waiting.sweep((nowMs += bounds.lifeMs))
    expect(waiting.size).toBe(0)
  })
  fc.assert(property, { numRuns: 1_000 })
})
