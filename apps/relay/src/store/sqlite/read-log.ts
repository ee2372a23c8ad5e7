import type { LogRun } from '../journal.ts'
import { RunGatherer } from '../log-run.ts'
import type { Sqlite } from './open-database.ts'

/** Reads runs of a log. */
export type ReadLog = (conversation: number, from: number, to: number, maxBytes: number) => LogRun

/** Prepares the reading of logs from one connection. */
export function logReader(db: Sqlite): ReadLog {
  const select = db
    .prepare<[number, number, number], Uint8Array>(
      'select entry from messages where conversation = ? and seq >= ? and seq <= ? order by seq',
    )
    .pluck()
  return (conversation, from, to, maxBytes) => {
    const gathered = new RunGatherer(from, maxBytes)
    for (const entry of select.iterate(conversation, from, to)) {
      if (!gathered.add(entry)) break
    }
    return gathered.run()
  }
}
