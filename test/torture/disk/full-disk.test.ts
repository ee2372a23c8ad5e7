import { expect, test } from 'vitest'
import { isSkippedHere } from './abilities.ts'
import { runFullDisk } from './full-disk.ts'

const isSkipped = isSkippedHere('full disks', 'mkfs.xfs', 'xfs_io', 'mount')

test.skipIf(isSkipped)(
  'on a full disk sends are unresolved and reads answered, and all goes on when there is room',
  async () => {
    const { breaches, acknowledged } = await runFullDisk({ seed: 8, times: 2 })
    expect(breaches).toEqual([])
    expect(acknowledged).toBeGreaterThan(600)
  },
)
