import { expect, test } from 'vitest'
import { closest } from './closest.ts'

const words = ['send-file', 'send-image', 'reply', 'recall', 'read']

test.each([
  ['replay', 'reply'],
  ['send-fiel', 'send-file'],
  ['raed', undefined],
  ['rea', 'read'],
  ['dance', undefined],
])('%s may mean %s', (typed, meant) => {
  expect(closest(typed, words)).toBe(meant)
})
