import { expect, test } from 'vitest'
import { untilAborted } from './until-aborted.ts'

async function* numbers(count: number) {
  for (let i = 0; i < count; i += 1) yield i
  if (count === 2) await new Promise<never>(() => undefined)
}

test('yields everything and ends when nothing aborts', async () => {
  const got: number[] = []
  for await (const one of untilAborted(numbers(3), new AbortController().signal)) got.push(one)
  expect(got).toEqual([0, 1, 2])
})

test('throws the reason at once while it waits for an item that never comes', async () => {
  const controller = new AbortController()
  const got: number[] = []
  const taking = (async () => {
    for await (const one of untilAborted(numbers(2), controller.signal)) got.push(one)
  })()
  setImmediate(() => controller.abort(new Error('enough')))
  await expect(taking).rejects.toThrow('enough')
  expect(got).toEqual([0, 1])
})

test('yields nothing when it was aborted before', async () => {
  const items = untilAborted(numbers(3), AbortSignal.abort(new Error('before')))
  await expect(items.next()).rejects.toThrow('before')
})
