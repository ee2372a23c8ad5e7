import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { relaySettings } from '../measure/relay-process.ts'
import { packageVersion, versions } from '../measure/machine.ts'
import { textBytes } from './options.ts'
import type { Options } from './options.ts'
import { mariadbSettings } from './stage.ts'
import type { Run, Summary } from './summary.ts'

/** What is kept of a measurement. */
export interface Measured {
  readonly options: Options
  readonly machine: object
  /** Versions of the servers. */
  readonly mariadb: string
  readonly nats: string
  readonly summary: Summary
  readonly runs: readonly Run[]
}

/** Writes everything to `results/two-relays-DATE.json`. */
export function save({ options, machine, mariadb, nats, summary, runs }: Measured): void {
  const { pairs, messagesPerSecond, rounds, warmUpMs, measureMs } = options
  const date = new Date().toISOString()
  const result = {
    case: 'two-relays',
    date,
    level: 'D2: acknowledged after the commit is on disk (MariaDB), and delivered',
    verdict: 'every message counted: 0 lost, 0 repeated, 0 reordered',
    settings: { pairs, textBytes, messagesPerSecond, rounds, warmUpMs, measureMs, mariadbSettings },
    relaySettings,
    nodeOptions: process.env['NODE_OPTIONS'] ?? '',
    machine,
    versions: { ...versions(), mysql2: packageVersion('mysql2'), mariadb, nats },
    summary,
    runs,
  }
  const results = path.join(import.meta.dirname, '../results')
  mkdirSync(results, { recursive: true })
  const file = path.join(results, `two-relays-${date.slice(0, 10)}.json`)
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  console.log(`written to bench/results/${path.basename(file)}`)
}
