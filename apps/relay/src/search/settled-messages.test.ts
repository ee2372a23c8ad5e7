import { expect, test } from 'vitest'
import { SettledMessages } from './settled-messages.ts'

test('a message is settled when it, or a later one, was seen long enough ago', () => {
  const settled = new SettledMessages(15_000)
  expect(settled.upTo(0)).toBe(0)
  settled.note(100, 1_000)
  settled.note(200, 4_000)
  expect(settled.upTo(15_999)).toBe(0)
  expect(settled.upTo(16_000)).toBe(100)
  settled.note(300, 18_000)
  expect(settled.upTo(18_999)).toBe(100)
  expect(settled.upTo(60_000)).toBe(300)
  expect(settled.upTo(90_000)).toBe(300)
})

test('with one writer everything is settled', () => {
  const settled = new SettledMessages(0)
  settled.note(100, 1_000)
  expect(settled.upTo(1_000)).toBeUndefined()
})
