import { expect, test } from 'vitest'
import { isSkippedHere } from '../disk/abilities.ts'
import { runPowerCuts } from './power-cuts.ts'

const isSkipped = isSkippedHere('power cuts', 'mkfs.xfs', 'xfs_io', 'mount')

test.skipIf(isSkipped).each([
  ['SQLite', 'sqlite', 20],
  ['MariaDB', 'mariadb', 3],
] as const)(
  'nothing that was acknowledged or answered as complete is lost in power cuts, on %s',
  async (_, store, cuts) => {
    const lines: string[] = []
    const tell = (line: string) => void lines.push(line)
    const report = await runPowerCuts({ seed: 20_262, cuts, store, tell })
    expect({ ...report, lines }).toMatchObject({ breaches: [], cuts })
    // Enough was under way for a loss to be seen.
    expect(report.acknowledged).toBeGreaterThan(cuts * 20)
    expect(report.uploads).toBeGreaterThanOrEqual(cuts / 2)
  },
)
