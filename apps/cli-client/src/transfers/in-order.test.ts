import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { inOrder } from './in-order.ts'
import type { Outcome } from './in-order.ts'

function setup(count: number) {
  const items = Array.from({ length: count }, (_, at) => at)
  const work = items.map(() => Promise.withResolvers<string>())
  const [begun, finished]: [number[], Outcome<string>[]] = [[], []]
  const signals: AbortSignal[] = []
  const begin = (item: number, signal: AbortSignal) => {
    begun.push(item)
    signals.push(signal)
    return work[item]!.promise
  }
  const finish = async (_item: number, outcome: Outcome<string>) => void finished.push(outcome)
  return { items, work, begun, finished, signals, begin, finish }
}

const turns = () => new Promise((resolve) => setImmediate(resolve))

test('so many are done at once, and each is finished when its turn has come', async () => {
  const { items, work, begun, finished, begin, finish } = setup(5)
  const done = inOrder(items, { atOnce: 2, ahead: 10 }, begin, finish)
  await turns()
  expect(begun).toEqual([0, 1])
  work[1]?.resolve('b')
  await eventually(() => expect(begun).toEqual([0, 1, 2]))
  expect(finished).toEqual([])
  for (const [at, one] of work.entries()) one.resolve('abcde'.charAt(at))
  await done
  expect(finished.map((one) => one.ok && one.made)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('those behind a slow one wait for it', async () => {
  const { items, work, begun, begin, finish } = setup(6)
  const done = inOrder(items, { atOnce: 2, ahead: 3 }, begin, finish)
  for (const one of work.slice(1)) one.resolve('x')
  await eventually(() => expect(begun).toEqual([0, 1, 2]))
  await turns()
  expect(begun).toEqual([0, 1, 2])
  work[0]?.resolve('x')
  await done
  expect(begun).toEqual(items)
})

test('what fails does not stop the others', async () => {
  const { items, work, finished, begin, finish } = setup(3)
  const done = inOrder(items, { atOnce: 3, ahead: 3 }, begin, finish)
  work[1]?.reject(new Error('refused'))
  work[0]?.resolve('a')
  work[2]?.resolve('c')
  await done
  expect(finished.map(({ ok }) => ok)).toEqual([true, false, true])
})

test('what finishing throws aborts the others and begins no more', async () => {
  const { items, work, begun, signals, begin } = setup(5)
  const done = inOrder(items, { atOnce: 2, ahead: 5 }, begin, () =>
    Promise.reject(new Error('away')),
  )
  work[0]?.resolve('a')
  await eventually(() => expect(signals.at(-1)?.aborted).toBe(true))
  for (const item of begun) work[item]?.reject(new Error('aborted'))
  await expect(done).rejects.toThrow('away')
  expect(begun.length).toBeLessThan(4)
})

test('nothing at all is done at once', async () => {
  const { begin, finish } = setup(0)
  await expect(inOrder([], { atOnce: 3, ahead: 3 }, begin, finish)).resolves.toBeUndefined()
})
