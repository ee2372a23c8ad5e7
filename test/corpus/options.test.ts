import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('without words the whole corpus is tried, and its result kept', () => {
  expect(readOptions([])).toEqual({
    seed: 1,
    minutes: 90,
    mutations: 3,
    packages: undefined,
    only: '',
    save: true,
  })
})

test('a part of the corpus is no result', () => {
  expect(readOptions(['--packages', 'giflib,vips', '--seed', '7'])).toMatchObject({
    packages: ['giflib', 'vips'],
    seed: 7,
    save: false,
  })
  expect(readOptions(['--only', 'crash']).save).toBe(false)
  expect(readOptions(['--no-save']).save).toBe(false)
})

test.each([
  { words: ['--seed', 'x'], note: 'no number' },
  { words: ['--minutes', '-1'], note: 'less than nothing' },
  { words: ['--mutation', '3'], note: 'no such option' },
  { words: ['--help'], note: 'a question' },
])('$note is answered with the usage', ({ words }) => {
  expect(() => readOptions(words)).toThrow('npm run corpus')
})
