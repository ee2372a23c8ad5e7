import { expect, test } from 'vitest'
import { runClientUploads } from './client-uploads.ts'

const mebibyte = 1 << 20

test('200 uploads of our own client arrive byte for byte, each interrupted three times by kills and cuts', async () => {
  const report = await runClientUploads({ seed: 4, uploads: 200, interruptionsEach: 3 })
  expect(report.breaches).toEqual([])
  expect(report.uploads).toBeGreaterThanOrEqual(200)
  expect(report.leastInterruptions).toBeGreaterThanOrEqual(3)
  expect(report.mostResentBytes).toBeLessThanOrEqual(8 * mebibyte)
  expect(report.mostResentBytes).toBeGreaterThan(0)
  expect(report.clientKills).toBeGreaterThanOrEqual(5)
  expect(report.serverKills).toBeGreaterThanOrEqual(5)
})
