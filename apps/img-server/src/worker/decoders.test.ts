import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// In a process of its own, because what is blocked stays blocked.
test('a worker cannot decode SVG, not even when asked to', async () => {
  const program = fileURLToPath(new URL('../testing/decode-svg.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program])
  expect(JSON.parse(stdout)).toEqual({ svg: false, png: true })
})
