import { expect, test } from 'vitest'
import { MadeCache } from './made-cache.ts'

const made = (digest: string, sizeBytes = 10) => ({ digest, sizeBytes })

test('beyond its bytes the least recently used goes', () => {
  const cache = new MadeCache({ maxBytes: 30, maxCount: 9 })
  for (const name of ['a', 'b', 'c']) expect(cache.add(name, made(name))).toEqual([])
  expect(cache.use('a')).toEqual(made('a'))
  expect(cache.add('d', made('d', 15))).toEqual(['b', 'c'])
  expect(cache.keys).toEqual(['a', 'd'])
})

test('beyond its count as well', () => {
  const cache = new MadeCache({ maxBytes: 1_000, maxCount: 2 })
  cache.add('a', made('a'))
  cache.add('b', made('b'))
  expect(cache.add('c', made('c'))).toEqual(['a'])
})

test('what is larger than everything together is not kept', () => {
  const cache = new MadeCache({ maxBytes: 30, maxCount: 9 })
  expect(cache.add('a', made('a', 31))).toEqual(['a'])
  expect(cache.keys).toEqual([])
})

test('bytes that two keys have stay until both are gone', () => {
  const cache = new MadeCache({ maxBytes: 1_000, maxCount: 9 })
  cache.add('a', made('same'))
  cache.add('b', made('same'))
  expect(cache.remove('a')).toEqual([])
  expect(cache.remove('b')).toEqual(['same'])
  expect(cache.remove('b')).toEqual([])
})

test('made again, it takes the place of what was there', () => {
  const cache = new MadeCache({ maxBytes: 1_000, maxCount: 9 })
  cache.add('a', made('old'))
  expect(cache.add('a', made('new'))).toEqual(['old'])
  expect(cache.add('a', made('new'))).toEqual([])
  expect(cache.use('a')).toEqual(made('new'))
})
