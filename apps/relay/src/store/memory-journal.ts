import type { Scheduler } from '@parley/service-kit'
import { uuidv7 } from '@parley/service-kit'
import type { Command, Journal, LogRun, Outcome } from './journal.ts'
import type { Query, QueryName } from './queries/index.ts'
import { queries } from './queries/index.ts'
import { batchRunner } from './sqlite/batch.ts'
import type { Failed } from './run-batch.ts'
import { kyselyOn } from './sqlite/kysely.ts'
import { migrate, openDatabase } from './sqlite/open-database.ts'
import { logReader } from './sqlite/read-log.ts'
import { sqliteTx } from './sqlite/tx/index.ts'

/** The journal in this thread's memory, for tests and simulations: same rows and rules, no disk, no threads. */
export function memoryJournal(scheduler: Scheduler, failed: Failed): Journal {
  const connection = openDatabase({ file: ':memory:' })
  migrate(connection)
  const tx = sqliteTx(connection, {
    now: () => scheduler.now(),
    newId: () => uuidv7(scheduler),
  })
  const runBatch = batchRunner(connection, tx, failed)
  const readLog = logReader(connection)
  const db = kyselyOn(connection)
  const later = <Result>(work: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      scheduler.soon(() => {
        try {
          resolve(work())
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      })
    })
  return {
    commit: (batch: readonly Command[]): Promise<Outcome[]> => later(() => runBatch(batch)),
    readLog: (conversation, from, to, maxBytes): Promise<LogRun> =>
      later(() => readLog(conversation, from, to, maxBytes)),
    ask: (name: QueryName, args: unknown) => (queries[name] as Query<unknown, never>)(db, args),
    close: () => later(() => void connection.close()),
  }
}
