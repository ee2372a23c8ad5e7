import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('without words it is the ci profile on both stores with the first seed', () => {
  expect(readOptions([])).toMatchObject({
    profile: 'ci',
    seed: 1,
    stores: ['sqlite', 'mariadb'],
    size: 1,
  })
})

test('everything can be said', () => {
  const words = '--profile long --seed 7 --store mariadb --minutes 2 --messages 5 --kills 3'
  expect(readOptions([...words.split(' '), '--out', 'here'])).toMatchObject({
    profile: 'long',
    seed: 7,
    stores: ['mariadb'],
    minutes: 2,
    messages: 5,
    kills: 3,
    out: 'here',
  })
  expect(readOptions(['--simulate', '--seeds', '5..9'])).toMatchObject({
    profile: 'simulate',
    seeds: [5, 9],
  })
})

test.each([
  ['an unknown profile', ['--profile', 'x']],
  ['an unknown option', ['--nothing']],
  ['a number that is none', ['--seed', 'x']],
  ['seeds that are no range', ['--simulate', '--seeds', '5']],
])('%s is answered with the usage', (_note, args) => {
  expect(() => readOptions(args)).toThrow('npm run torture')
})
