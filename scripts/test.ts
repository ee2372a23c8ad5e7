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
  { project: 'system', limitMs: 60 * 60_000 },
]

const outcomes: Outcome[] = []
for (const name of checks) outcomes.push(await runCheck(name))
for (const { project, limitMs } of suites) outcomes.push(await runSuite(project, limitMs))
const sum = sumOf(outcomes)
console.log(`\n${lineOf(sum)}`)
if (sum.failed > 0) process.exitCode = 1

async function runCheck(name: string): Promise<Outcome> {
  const startMs = Date.now()
  const succeeded = await runs('npm', ['run', '--silent', name], checkLimitMs)
  console.log(`${succeeded ? 'ok    ' : 'FAILED'} ${name} (${Date.now() - startMs} ms)`)
  return outcomeOfCheck(succeeded)
}

async function runSuite(project: string, limitMs: number): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-test-'))
  const reportFile = path.join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  try {
    const vitest = path.join(bin, 'vitest')
    const succeeded = await runs(vitest, ['run', '--project', project, ...reporters], limitMs)
    const outcome = outcomeOfTests(reportOf(reportFile), succeeded)
    console.log(`${outcome.failed === 0 ? 'ok    ' : 'FAILED'} ${project}: ${lineOf(outcome)}`)
    return outcome
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

function runs(command: string, args: string[], limitMs: number): Promise<boolean> {
  return runBounded({ command, args, folder: root, limitMs, killGraceMs })
}
