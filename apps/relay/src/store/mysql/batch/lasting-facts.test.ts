import { expect, test } from 'vitest'
import { LastingFacts } from './lasting-facts.ts'

test('room is made before a batch, and nothing is forgotten within one', () => {
  const lasting = new LastingFacts(2)
  lasting.makeRoom()
  for (const conversation of [1, 2, 3]) lasting.learnDirect(conversation, 9, conversation)
  expect([1, 2, 3].map((one) => lasting.directOf(`${one}:9`))).toEqual([1, 2, 3])
  lasting.makeRoom()
  expect([1, 2, 3].map((one) => lasting.directOf(`${one}:9`))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('a new connection knows nothing', () => {
  const lasting = new LastingFacts()
  lasting.learnDirect(1, 2, 7)
  expect([lasting.directOf('1:2'), lasting.pairOf(7)]).toEqual([7, [1, 2]])
  lasting.forget()
  expect([lasting.directOf('1:2'), lasting.pairOf(7)]).toEqual([undefined, undefined])
})
