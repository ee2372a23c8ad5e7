import { expect, test } from 'vitest'
import { table } from './table.ts'
import { textWidth } from './width.ts'

test('columns stand under each other beside Han names', () => {
  expect(
    table([
      ['王小明', 'online'],
      ['bob', 'away'],
    ]),
  ).toBe('王小明  online\nbob     away')
})

test('a hostile cell cannot break out of its line', () => {
  const text = table([['a\u001b[2J\nforged', 'x']])
  expect(text).toBe('a␛[2J␤forged  x')
})

test('a long cell is cut', () => {
  expect(textWidth(table([['x'.repeat(500)]]))).toBe(60)
})

test('nothing makes nothing', () => {
  expect(table([])).toBe('')
})
