import { expect, test } from 'vitest'
import { Outbox } from './outbox.ts'
import type { Waiting } from './outbox.ts'

const target = { $case: 'conversationId', value: Buffer.alloc(16, 1) } as const

function message(n: number): Waiting {
  const id = Buffer.alloc(16, n)
  return { id, target, kind: 'text', body: `${n}`, about: 0, replyTo: 0, isFlying: false }
}

const hex = (n: number) => Buffer.alloc(16, n).toString('hex')
const words = (items: readonly Waiting[]) => items.map(({ body }) => body)

test('sends everything at once, in order', () => {
  const outbox = new Outbox()
  for (const n of [1, 2, 3]) outbox.add(message(n))
  expect(words(outbox.take(0))).toEqual(['1', '2', '3'])
  expect(outbox.take(0)).toEqual([])
})

test('repeats the first that failed alone, and the others after it', () => {
  const outbox = new Outbox()
  for (const n of [1, 2, 3]) outbox.add(message(n))
  outbox.take(0)
  outbox.failed(hex(1), 100)
  outbox.failed(hex(2), 0)
  expect(outbox.take(50)).toEqual([])
  outbox.failed(hex(3), 0)
  expect(outbox.take(99)).toEqual([])
  expect(words(outbox.take(100))).toEqual(['1'])
  outbox.settled(hex(1))
  expect(words(outbox.take(100))).toEqual(['2', '3'])
})

test('has everything without an answer to send again when its stream is gone', () => {
  const outbox = new Outbox()
  for (const n of [1, 2]) outbox.add(message(n))
  outbox.take(0)
  outbox.settled(hex(1))
  expect(words(outbox.grounded())).toEqual(['2'])
  expect(words(outbox.take(0))).toEqual(['2'])
  expect(outbox.size).toBe(1)
})
