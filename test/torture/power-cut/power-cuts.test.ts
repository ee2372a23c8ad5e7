import { expect, test } from 'vitest'
import { isSkippedHere } from '../disk/abilities.ts'
import { runPowerCuts } from './power-cuts.ts'

const cuts = 20
const isSkipped = isSkippedHere('power cuts', 'mkfs.xfs', 'xfs_io', 'mount')

test.skipIf(isSkipped)(
  `nothing that was acknowledged or answered as complete is lost in ${cuts} power cuts`,
  async () => {
    const lines: string[] = []
    const report = await runPowerCuts({ seed: 20_262, cuts, tell: (line) => lines.push(line) })
    expect({ ...report, lines }).toMatchObject({ breaches: [], cuts })
    // Enough was under way for a loss to be seen.
    expect(report.acknowledged).toBeGreaterThan(cuts * 50)
    expect(report.uploads).toBeGreaterThan(cuts)
  },
)
