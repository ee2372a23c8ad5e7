/** Runs every check and every test suite, and ends with one line that sums them up. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { lineOf, outcomeOfCheck, outcomeOfTests, sumOf } from './outcome.ts'
import type { Outcome, TestReport } from './outcome.ts'

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

/** True when the command ends well within its time; past it, it is stopped, then killed. */
function runs(command: string, args: string[], limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    const stop = setTimeout(() => {
      console.error(`${path.basename(command)} ${args.join(' ')}: no end after ${limitMs} ms`)
      child.kill('SIGTERM')
    }, limitMs)
    const kill = setTimeout(() => child.kill('SIGKILL'), limitMs + killGraceMs)
    const settle = (succeeded: boolean) => {
      clearTimeout(stop)
      clearTimeout(kill)
      resolve(succeeded)
    }
    child.once('error', () => settle(false))
    child.once('exit', (code) => settle(code === 0))
  })
}
