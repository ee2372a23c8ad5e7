import { expect, test } from 'vitest'
import { isSkippedHere } from '../disk/abilities.ts'
import { runImagePowerCuts } from './image-power-cuts.ts'

const isSkipped = isSkippedHere('power cuts of images', 'mkfs.xfs', 'xfs_io', 'mount')

test.skipIf(isSkipped)(
  'no image that was answered as complete is lost in power cuts, in any size',
  async () => {
    const report = await runImagePowerCuts({ seed: 3, cuts: 6 })
    expect(report.breaches).toEqual([])
    expect(report.images).toBeGreaterThanOrEqual(4)
  },
)
