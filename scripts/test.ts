/** Runs every check and every test suite, and ends with one line that sums them up. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { lineOf, outcomeOfCheck, outcomeOfTests, sumOf } from './outcome.ts'
import type { Outcome, TestReport } from './outcome.ts'
import { runBounded } from './run-bounded.ts'

const root = path.resolve(import.meta.dirname, '..')
const bin = path.join(root, 'node_modules/.bin')
const checkLimitMs = 5 * 60_000
const killGraceMs = 10_000

const checks = [
  'typecheck',
  'lint:code',
  'lint:boundaries',
  'lint:proto',
  'format:check',
  'check:lock',
]
const suites = [
  { project: 'unit', limitMs: 20 * 60_000 },
  { project: 'system', limitMs: 40 * 60_000 },
]
/** Works all the time, while the suites above wait half of theirs: it takes the processors then. */
const besides = { project: 'simulation', limitMs: 40 * 60_000 }
/** Runs when nothing else does. */
const alone = { project: 'measured', limitMs: 40 * 60_000 }

const outcomes: Outcome[] = []
for (const name of checks) outcomes.push(await runCheck(name))
const beside = runBeside(besides)
for (const suite of suites) outcomes.push(await runSuite(suite))
outcomes.push(await beside)
outcomes.push(await runSuite(alone))
const sum = sumOf(outcomes)
console.log(`\n${lineOf(sum)}`)
if (sum.failed > 0) process.exitCode = 1

async function runCheck(name: string): Promise<Outcome> {
  const startMs = Date.now()
  const succeeded = await runs('npm', ['run', '--silent', name], checkLimitMs)
  console.log(`${succeeded ? 'ok    ' : 'FAILED'} ${name} (${Date.now() - startMs} ms)`)
  return outcomeOfCheck(succeeded)
}

interface Suite {
  readonly project: string
  readonly limitMs: number
}

async function runSuite(suite: Suite, quietInto?: string): Promise<Outcome> {
  const { project, limitMs } = suite
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-test-'))
  const reportFile = path.join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  try {
    const vitest = path.join(bin, 'vitest')
    const args = ['run', '--project', project, ...reporters]
    const succeeded = await runs(vitest, args, limitMs, quietInto)
    const outcome = outcomeOfTests(reportOf(reportFile), succeeded)
    if (quietInto !== undefined) process.stdout.write(readFileSync(quietInto))
    console.log(`${outcome.failed === 0 ? 'ok    ' : 'FAILED'} ${project}: ${lineOf(outcome)}`)
    return outcome
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a suite beside the others; what it says comes when it has ended. */
async function runBeside(suite: Suite): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-beside-'))
  try {
    return await runSuite(suite, path.join(folder, 'output.txt'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function reportOf(file: string): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport
  } catch {
    return undefined
  }
}

function runs(
  command: string,
  args: string[],
  limitMs: number,
  quietInto?: string,
): Promise<boolean> {
  const quiet = quietInto === undefined ? {} : { quietInto }
  return runBounded({ command, args, folder: root, limitMs, killGraceMs, ...quiet })
}
