import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { versions } from '../measure/machine.ts'
import type { Options } from './options.ts'
import { parleySettings } from './parley-subject.ts'
import { clientCore, serverCore } from './stage.ts'
import type { Stage } from './stage.ts'
import { rowsOf, summaryOf } from './summary.ts'
import type { Goals, Run } from './summary.ts'

/** What is told of a case. */
export interface Measured {
  readonly name: string
  readonly options: Options
  readonly stage: Stage
  readonly goals: Goals
  readonly runs: readonly Run[]
}

/** Shows what a case came to, and writes it to `results/CASE-DATE.json` if that is wanted. */
export function report({ name, options, stage, goals, runs }: Measured): void {
  const summary = summaryOf(runs, goals)
  console.table(rowsOf(summary))
  if (!options.save) return
  const { rounds, works } = options
  save(name, {
    verdict: 'every byte compared: 0 lost, 0 changed',
    level: 'D2 for parley: on disk before the answer; its peers only write',
    settings: { rounds, works, serverCore, clientCore, parleySettings },
    machine: stage.machine,
    versions: versions(),
    subjects: subjectsOf(stage),
    goals,
    summary,
    runs,
  })
}

/** What each server is. */
export function subjectsOf({ subjects }: Stage): Readonly<Record<string, string>> {
  return Object.fromEntries(subjects.map(({ name, description }) => [name, description]))
}

/** Writes the result of a case. */
export function save(name: string, result: object): void {
  const date = new Date().toISOString()
  const results = path.join(import.meta.dirname, '../results')
  mkdirSync(results, { recursive: true })
  const file = path.join(results, `${name}-${date.slice(0, 10)}.json`)
  const nodeOptions = process.env['NODE_OPTIONS'] ?? ''
  const whole = { case: name, date, ...result, nodeOptions }
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`)
  console.log(`written to bench/results/${path.basename(file)}`)
}
