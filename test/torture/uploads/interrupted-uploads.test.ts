import { expect, test } from 'vitest'
import { runInterruptedUploads } from './interrupted-uploads.ts'

// The product's own client goes through more of it in client-uploads.test.ts.
const uploads = 80

test(`${uploads} interrupted uploads arrive byte for byte and send little again`, async () => {
  const report = await runInterruptedUploads({ seed: 9, uploads })
  expect(report.breaches).toEqual([])
  expect(report.interrupted).toBeGreaterThanOrEqual(uploads)
  expect(report.kills).toBeGreaterThanOrEqual(uploads / 40)
})
