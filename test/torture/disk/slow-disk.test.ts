import { expect, test } from 'vitest'
import { isSkippedHere } from './abilities.ts'
import { runSlowDisk } from './slow-disk.ts'

const isSkipped = isSkippedHere('slow disks', 'strace')

test.skipIf(isSkipped)(
  'a sync of 9.5 s leaves messages unresolved within 10 s, and stores each once',
  async () => {
    const report = await runSlowDisk({ seed: 3, syncMs: 9_500, syncs: 1 })
    expect(report).toMatchObject({ breaches: [], hasUnresolved: true })
  },
)

test.skipIf(isSkipped)('syncs of 200 ms delay acknowledgements, not reads', async () => {
  const report = await runSlowDisk({ seed: 4, syncMs: 200, syncs: 10 })
  expect(report).toMatchObject({ breaches: [], hasUnresolved: false })
})
