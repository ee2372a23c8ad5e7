import { mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Fuzzed } from './fuzz.ts'

const results = path.resolve(import.meta.dirname, '../../bench/results')

/** What is to be told of a run. */
export interface FuzzRun {
  readonly seed: number
  readonly fuzzed: readonly Fuzzed[]
  /** What was thrown where nobody caught it. */
  readonly uncaught: readonly string[]
}

/** Keeps the result of a run in `bench/results`; answers where. */
export function keepReport({ seed, fuzzed, uncaught }: FuzzRun): string {
  const sum = (of: (one: Fuzzed) => number) => fuzzed.reduce((all, one) => all + of(one), 0)
  const date = new Date().toISOString()
  const file = path.join(results, `fuzz-${date.slice(0, 10)}.json`)
  const report = {
    case: 'fuzz',
    date,
    seed,
    machine: { cpus: os.cpus().length, memoryBytes: os.totalmem(), node: process.versions.node },
    inputs: sum(({ inputs }) => inputs),
    mutationsOfValidSessions: sum(({ mutations }) => mutations),
    crashes: uncaught.length,
    findings: sum(({ findings }) => findings.length),
    tookSeconds: Math.round(sum(({ tookMs }) => tookMs) / 1_000),
    targets: fuzzed,
    uncaught,
  }
  mkdirSync(results, { recursive: true })
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`)
  return file
}
