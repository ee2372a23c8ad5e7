import { expect, test } from 'vitest'
import { heldBytes } from './held-bytes.ts'

const mebibyte = 1024 * 1024
const slackBytes = 6 * mebibyte

test('what is held counts, in the heap and in buffers, and what was dropped does not', async () => {
  const before = await heldBytes()
  const held = {
    numbers: Array.from<number>({ length: 2 * mebibyte }).fill(0.5),
    buffer: Buffer.alloc(16 * mebibyte),
  }
  for (let i = 0; i < 64; i += 1) Buffer.alloc(mebibyte)
  const grownBytes = (await heldBytes()) - before
  expect(grownBytes).toBeGreaterThan(32 * mebibyte - slackBytes)
  expect(grownBytes).toBeLessThan(32 * mebibyte + slackBytes)
  held.numbers = []
  held.buffer = Buffer.alloc(0)
  expect((await heldBytes()) - before).toBeLessThan(slackBytes)
})
