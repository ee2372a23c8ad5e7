import { expect, test } from 'vitest'
import { Outbox } from './outbox.ts'
import type { Pending } from './outbox.ts'

const command = { $case: 'bye', value: {} } as const

function boxOf(...messages: string[]): Outbox {
  const box = new Outbox()
  for (const id of messages) box.add({ id, place: id.slice(0, 1), command })
  return box
}

function ids(pending: readonly Pending[]): string[] {
  return pending.map(({ id }) => id)
}

test('messages leave in order, at most a window of them', () => {
  const box = boxOf('a1', 'a2', 'b1', 'a3')
  expect(ids(box.take(2))).toEqual(['a1', 'a2'])
  expect(ids(box.take(2))).toEqual([])
  box.settle('a1')
  expect(ids(box.take(2))).toEqual(['a3'])
})

test('after an unresolved one its lane waits for every answer, then goes on from it in order', () => {
  const box = boxOf('a1', 'a2', 'a3', 'b1')
  box.take(2)
  box.again('a1')
  expect(ids(box.take(8))).toEqual(['b1'])
  box.again('a2')
  expect(ids(box.take(8))).toEqual(['a1', 'a2', 'a3'])
})

test('one that was accepted beside an unresolved one is not written again', () => {
  const box = boxOf('a1', 'a2')
  box.take(2)
  box.again('a2')
  box.settle('a1')
  expect(ids(box.take(8))).toEqual(['a2'])
  expect(box.settle('a2')).toBe(true)
  expect(box.settle('a2')).toBe(false)
  expect(box.size).toBe(0)
})

test('when the stream is lost all that was under way is written again, in order', () => {
  const box = boxOf('a1', 'a2', 'a3')
  box.take(2)
  box.again('a1')
  expect(ids(box.lost())).toEqual(['a2'])
  expect(ids(box.take(8))).toEqual(['a1', 'a2', 'a3'])
})
