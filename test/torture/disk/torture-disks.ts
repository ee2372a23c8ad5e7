/**
 * Cuts power, fails, fills and slows disks and interrupts uploads for as long as one likes, and
 * appends what came of it to bench/results. Exit code 0: no promise was broken, 3: some were.
 */
import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { breachesFound } from '../exit-codes.ts'
import { runPowerCuts } from '../power-cut/power-cuts.ts'
import { runInterruptedUploads } from '../uploads/interrupted-uploads.ts'
import { runDiskFaults } from './disk-faults.ts'
import { runFullDisk } from './full-disk.ts'
import { runSlowDisk } from './slow-disk.ts'

const results = path.resolve(import.meta.dirname, '../../../bench/results/torture-disks.jsonl')
const maxKept = 20

const usage = `node test/torture/disk/torture-disks.ts [--seed N] [--cuts N] [--mariadb-cuts N]
  [--faults N] [--fills N] [--slow-syncs N] [--uploads N]`

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    seed: { ...text, default: '1' },
    cuts: text,
    'mariadb-cuts': text,
    faults: text,
    fills: text,
    'slow-syncs': text,
    uploads: text,
  },
})
const seed = Number(values.seed)
const tell = (line: string) => void process.stdout.write(`${line}\n`)

interface Report {
  readonly breaches: readonly string[]
}

/** What can be asked for, by the option that says how much of it. */
const runs: Readonly<Record<string, (count: number) => Promise<Report>>> = {
  cuts: (cuts) => runPowerCuts({ seed, cuts, tell }),
  'mariadb-cuts': (cuts) => runPowerCuts({ seed, cuts, store: 'mariadb', tell }),
  faults: (faults) => runDiskFaults({ seed, faults, tell }),
  fills: (times) => runFullDisk({ seed, times }),
  'slow-syncs': (syncs) => runSlowDisk({ seed, syncMs: 9_500, syncs }),
  uploads: (uploads) => runInterruptedUploads({ seed, uploads, tell }),
}

const asked = Object.entries(runs).filter(([name]) => name in values)
if (asked.length === 0) tell(usage)
for (const [name, run] of asked) {
  const startedMs = performance.now()
  const report = await run(Number(values[name as keyof typeof values]))
  const tookMs = Math.round(performance.now() - startedMs)
  const { breaches } = report
  const date = new Date().toISOString()
  const kept = { ...report, broken: breaches.length, breaches: breaches.slice(0, maxKept) }
  const line = JSON.stringify({ date, run: name, seed, tookMs, ...kept })
  await appendFile(results, `${line}\n`)
  tell(line)
  if (breaches.length > 0) process.exitCode = breachesFound
}
