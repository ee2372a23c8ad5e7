import { expect, test } from 'vitest'
import { giveAlignedBuffer, takeAlignedBuffer } from './aligned-buffers.ts'

test('keeps 64 buffers for the next writer, and lets further ones go', () => {
  const given = Array.from({ length: 70 }, takeAlignedBuffer)
  for (const buffer of given) giveAlignedBuffer(buffer)
  const known = new Set(given)
  const taken = Array.from({ length: 70 }, takeAlignedBuffer)
  expect(taken.filter((buffer) => known.has(buffer))).toHaveLength(64)
})
