import { expect, test } from 'vitest'
import { largeBufferBytes, smallBufferBytes, takeSendBuffer } from './send-buffers.ts'

test('gives 64 large buffers out at once, and small ones beyond', () => {
  const taken = Array.from({ length: 65 }, () => takeSendBuffer(10 << 20))
  const sizes = taken.map(({ bytes }) => bytes.length)
  expect(sizes.filter((size) => size === largeBufferBytes)).toHaveLength(64)
  expect(sizes.at(-1)).toBe(smallBufferBytes)
  for (const each of taken) each.release(true)
  const again = takeSendBuffer(10 << 20)
  expect(again.bytes.length).toBe(largeBufferBytes)
  again.release(true)
})

test('uses memory again, unless something may still read from it', () => {
  const first = takeSendBuffer(100)
  first.release(true)
  const second = takeSendBuffer(100)
  expect(second.bytes).toBe(first.bytes)
  second.release(false)
  const third = takeSendBuffer(100)
  expect(third.bytes).not.toBe(first.bytes)
  third.release(true)
})
