import { expect, test } from 'vitest'
import { countDropped } from './young-garbage.ts'

test('keeps what dropped buffers take small', () => {
  const startBytes = process.memoryUsage().arrayBuffers
  let mostBytes = 0
  for (let i = 0; i < 4_096; i += 1) {
    const buffer = Buffer.from(new ArrayBuffer(64 * 1024))
    countDropped(buffer.length)
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - startBytes)
  }
  expect(mostBytes).toBeLessThan(16 << 20)
})
