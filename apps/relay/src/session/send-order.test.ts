import { expect, test } from 'vitest'
import { maxUnresolved, SendOrder } from './send-order.ts'

const [first, second] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)]

test('an unresolved message goes first again, and only to its own conversation', () => {
  const order = new SendOrder(() => undefined)
  order.unresolved('a', first, 1)
  order.unresolved('a', second, 2)
  expect(order.mustWait('a', second)).toBe(true)
  expect(order.mustWait('b', second)).toBe(false)
  expect(order.mustWait('a', first)).toBe(false)
  order.resolved('a', first)
  expect(order.mustWait('a', second)).toBe(false)
})

test('a later message that is unresolved sooner does not go before an earlier one', () => {
  const order = new SendOrder(() => undefined)
  const [one, two] = [order.begin(), order.begin()]
  order.unresolved('a', second, two)
  order.unresolved('a', first, one)
  expect(order.mustWait('a', second)).toBe(true)
  expect(order.mustWait('a', first)).toBe(false)
})

test('what follows a message that is on its way again may go behind it', () => {
  const order = new SendOrder(() => undefined)
  order.unresolved('a', first, 1)
  order.goes('a', second)
  expect(order.mustWait('a', second)).toBe(true)
  order.goes('a', first)
  expect(order.mustWait('a', second)).toBe(false)
})

test('a session with too many unresolved conversations waits everywhere else', () => {
  const order = new SendOrder(() => undefined)
  for (let i = 0; i < maxUnresolved; i += 1) order.unresolved(`c${i}`, first, i)
  expect(order.mustWait('another', second)).toBe(true)
  expect(order.mustWait('c7', first)).toBe(false)
})

test('counts what has no answer and tells of each answer', () => {
  let told = 0
  const order = new SendOrder(() => (told += 1))
  order.begin()
  order.begin()
  order.resolved('a', first)
  expect([order.inFlight, told]).toEqual([1, 1])
})
