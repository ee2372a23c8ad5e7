import { stat } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { Decoy } from './decoy.ts'
import { maxProofBytes, sampleRanges } from './sample-ranges.ts'

test('gives as many bytes as asked for from anywhere, and takes no space', async () => {
  const folder = await tempFolder()
  const decoy = new Decoy(folder)
  for (const sizeBytes of [1, maxProofBytes, 2 ** 40]) {
    const blob = await decoy.open()
    const random = (count: number) => crypto.getRandomValues(new Uint8Array(count))
    for (const { start, end } of sampleRanges(sizeBytes, random)) {
      expect(await blob.read?.(Buffer.alloc(end - start), start)).toBe(end - start)
    }
    await blob.close()
  }
  expect((await stat(path.join(folder, 'decoy'))).blocks).toBe(0)
})
