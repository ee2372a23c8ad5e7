/**
 * Tortures a whole system and says which promise it broke: `npm run torture -- --help` for how. Exit
 * code 0: none, 3: some, 2: the run itself could not be carried out.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inspect } from 'node:util'
import { isAppError } from '@parley/errors'
import { breachesFound, couldNotRun } from './exit-codes.ts'
import { readOptions } from './options.ts'
import type { TortureOptions } from './options.ts'
import { prove } from './proof/proof.ts'
import { runLines, runReport } from './report/report.ts'
import type { RoundReport } from './report/report.ts'
import { runCi, runLong, skips } from './runs.ts'
import { simulate } from './simulate.ts'

const results = path.resolve(import.meta.dirname, '../../bench/results')

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  const options = readOptions(process.argv.slice(2))
  const breaches = await run(options)
  if (breaches > 0) process.exitCode = breachesFound
} catch (error) {
  const isUsage = isAppError(error) && error.reason === 'USAGE'
  process.stderr.write(`${isUsage ? error.message : inspect(error)}\n`)
  process.exitCode = couldNotRun
}

/** Answers how many breaches there were. */
async function run(options: TortureOptions): Promise<number> {
  switch (options.profile) {
    case 'ci':
      return (await summed(options, await runCi(options, tell))).breaches
    case 'long':
      return runLongKept(options)
    case 'proof':
      return told(await prove(options.seed, tell))
    case 'simulate':
      return told(await simulate(options.seeds, tell))
  }
}

async function summed({ profile, seed }: TortureOptions, rounds: readonly RoundReport[]) {
  const report = runReport(profile, seed, rounds, skips())
  tell(runLines(report))
  return report
}

/** The report lies in the results after every round: a run that is ended has told what it did. */
async function runLongKept(options: TortureOptions): Promise<number> {
  await mkdir(results, { recursive: true })
  const begun = new Date().toISOString().slice(0, 19).replaceAll(':', '')
  const file = path.join(results, `torture-${begun}.json`)
  tell(`report: ${path.relative(process.cwd(), file)}`)
  const { profile, seed } = options
  const keep = async (rounds: readonly RoundReport[]) => {
    const report = runReport(profile, seed, rounds, skips())
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  }
  return (await summed(options, await runLong(options, tell, keep))).breaches
}

function told(breaches: readonly string[]): number {
  for (const line of breaches) tell(line)
  return breaches.length
}
