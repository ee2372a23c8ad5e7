import { expect, test } from 'vitest'
import { OwnedBook } from './owned-book.ts'

const bounds = { lifeMs: 60_000, maxPerOwner: 3, maxInAll: 5 }

test('gives to its owner, once when taken, and to nobody else', () => {
  const book = new OwnedBook<string>(bounds)
  book.put('a', 'ann', 'hers', 0)
  expect(book.take('a', 'bob', 0)).toBeUndefined()
  expect(book.get('a', 'ann', 0)).toBe('hers')
  expect(book.take('a', 'ann', 59_999)).toBe('hers')
  expect(book.take('a', 'ann', 59_999)).toBeUndefined()
})

test('gives nothing whose time is over, and keeps nothing of it', () => {
  const book = new OwnedBook<string>(bounds)
  book.put('a', 'ann', 'hers', 0)
  expect(book.get('a', 'ann', 60_000)).toBeUndefined()
  book.put('b', 'bob', 'his', 60_000)
  expect(book.size).toBe(1)
})

test('forgets the oldest of an owner who has too many, and nothing of others', () => {
  const book = new OwnedBook<string>(bounds)
  book.put('other', 'bob', 'his', 0)
  for (const id of ['a', 'b', 'c', 'd']) book.put(id, 'ann', id, 1)
  expect(['a', 'b', 'c', 'd'].map((id) => book.get(id, 'ann', 1))).toEqual([
    undefined,
    'b',
    'c',
    'd',
  ])
  expect(book.get('other', 'bob', 1)).toBe('his')
})

test('forgets the oldest of all when there are too many', () => {
  const book = new OwnedBook<number>(bounds)
  for (let user = 0; user < 100; user += 1) book.put(`id${user}`, `user${user}`, user, 0)
  expect(book.size).toBe(5)
  expect(book.get('id94', 'user94', 0)).toBeUndefined()
  expect(book.get('id95', 'user95', 0)).toBe(95)
})
