import { expect, test } from 'vitest'
import { isSkippedHere } from './abilities.ts'
import { runDiskFaults } from './disk-faults.ts'

const faults = 12
const isSkipped = isSkippedHere('failing system calls', 'strace')

test.skipIf(isSkipped)(
  `a process whose disk fails ends and has acknowledged nothing that is not there, ${faults} times`,
  async () => {
    const lines: string[] = []
    const report = await runDiskFaults({ seed: 5, faults, tell: (line) => lines.push(line) })
    expect({ ...report, lines }).toMatchObject({ breaches: [] })
    // Some calls are not made by every thread.
    expect(report.faults).toBeGreaterThanOrEqual(faults - 3)
  },
)
