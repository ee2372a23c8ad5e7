import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { save } from '../files/report.ts'
import { machineFacts, versions } from '../measure/machine.ts'
import { spread } from '../measure/statistics.ts'
import { openStage } from './stage.ts'
import type { Run } from './stage.ts'

/** Measures a download from the sender's device beside the same from the file server; throws when bytes are not those. */
export async function directFile(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const machine = machineFacts()
  const folder = mkdtempSync(path.join(os.tmpdir(), 'parley-bench-'))
  const stage = await openStage(folder, options.mib)
  try {
    const runs: Run[] = []
    for (let nth = 0; nth <= options.rounds; nth += 1) {
      const ways = ['direct', 'server'] as const
      for (const way of nth % 2 === 0 ? ways : ways.toReversed()) {
        const run = await stage.download(way, nth)
        // The first round warms up.
        if (nth > 0) runs.push(run)
      }
    }
    report(options, machine, runs)
  } finally {
    await stage.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '6' },
      mib: { type: 'string', default: '256' },
      'no-save': { type: 'boolean', default: false },
    },
  })
  return { rounds: Number(values.rounds), mib: Number(values.mib), save: !values['no-save'] }
}

type Figure = 'seconds' | 'receiverCpuSeconds' | 'senderCpuSeconds' | 'serverCpuSeconds'
const figures: readonly Figure[] = [
  'seconds',
  'receiverCpuSeconds',
  'senderCpuSeconds',
  'serverCpuSeconds',
]

function report(
  { rounds, mib, ...options }: ReturnType<typeof readOptions>,
  machine: ReturnType<typeof machineFacts>,
  runs: readonly Run[],
): void {
  const summaryOf = (way: Run['way']) => {
    const own = runs.filter((run) => run.way === way)
    return Object.fromEntries(figures.map((name) => [name, spread(own.map((run) => run[name]))]))
  }
  const summary = { direct: summaryOf('direct'), server: summaryOf('server') }
  console.log(JSON.stringify(summary, null, 2))
  if (!options.save) return
  const level = 'the copy is on disk when a download ends; every byte is checked by BLAKE3'
  save('direct-file', {
    level,
    settings: { rounds, mib },
    machine,
    versions: versions(),
    summary,
    runs,
  })
}
