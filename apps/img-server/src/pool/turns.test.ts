import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

function setup(places: number, maxWaiting = 9, maxWaitingOfUser = 9) {
  const turns = new Turns({ places, maxWaiting, maxWaitingOfUser })
  const went: string[] = []
  const take = (user: string, name: string) =>
    turns.take(user)?.then(
      () => went.push(name),
      (error: Error) => went.push(`${name}: ${error.message}`),
    )
  // Promises that are settled have run their continuations after a turn of the event loop.
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { turns, take, went, settled }
}

test('one user leaves a place for others, and takes its own in order', async () => {
  const { turns, take, went, settled } = setup(2)
  void take('ann', 'a1')
  void take('ann', 'a2')
  void take('ann', 'a3')
  void take('bob', 'b1')
  await settled()
  expect(went).toEqual(['a1', 'b1'])
  turns.end('ann')
  await settled()
  expect(went).toEqual(['a1', 'b1', 'a2'])
  turns.end('bob')
  turns.end('ann')
  await settled()
  expect(went).toEqual(['a1', 'b1', 'a2', 'a3'])
})

test('a single place serves everybody in order', async () => {
  const { turns, take, went, settled } = setup(1)
  void take('ann', 'a1')
  void take('ann', 'a2')
  void take('bob', 'b1')
  for (const user of ['ann', 'ann']) {
    await settled()
    turns.end(user)
  }
  await settled()
  expect(went).toEqual(['a1', 'a2', 'b1'])
})

test('too many who wait, of all or of one user, are sent away at once', () => {
  const { take, turns } = setup(1, 3, 2)
  const answers = ['ann', 'ann', 'ann', 'ann', 'bob', 'bob'].map((user) => take(user, user))
  expect(answers.map((answer) => answer !== undefined)).toEqual([
    true,
    true,
    true,
    false,
    true,
    false,
  ])
  expect(turns.waiting).toBe(3)
})

test('clearing sends away who waits', async () => {
  const { turns, take, went, settled } = setup(1)
  void take('ann', 'a1')
  void take('bob', 'b1')
  turns.clear(new Error('closed'))
  await settled()
  expect(went).toEqual(['a1', 'b1: closed'])
})
