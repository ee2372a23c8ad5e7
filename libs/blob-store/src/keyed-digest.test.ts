import { expect, test } from 'vitest'
import { keyedDigest } from './keyed-digest.ts'

const key = Buffer.alloc(32, 7)

test('depends on every byte, their order, the key and the purpose, not on how they are cut', () => {
  const digest = keyedDigest('one purpose', key, [Buffer.from('ab'), Buffer.from('c')])
  expect(digest).toHaveLength(32)
  expect(keyedDigest('one purpose', key, [Buffer.from('abc')])).toEqual(digest)
  const others = [
    keyedDigest('one purpose', key, [Buffer.from('acb')]),
    keyedDigest('one purpose', Buffer.alloc(32, 8), [Buffer.from('abc')]),
    keyedDigest('another purpose', key, [Buffer.from('abc')]),
  ]
  for (const other of others) expect(other).not.toEqual(digest)
})

test('reads of a part only what belongs to it', () => {
  const whole = new Uint8Array([1, 2, 3, 4])
  const inner = keyedDigest('x', key, [whole.subarray(1, 3)])
  expect(inner).toEqual(keyedDigest('x', key, [Buffer.from([2, 3])]))
})
