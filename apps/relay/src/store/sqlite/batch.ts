import { batchRunner as runner } from '../run-batch.ts'
import type { BatchSteps, Failed, RunBatch } from '../run-batch.ts'
import type { Sqlite } from './open-database.ts'
import type { SqliteTx } from './tx/index.ts'

/** Runs batches on one SQLite database. */
export function batchRunner(db: Sqlite, tx: SqliteTx, failed: Failed): RunBatch {
  return runner(tx, sqliteSteps(db, tx), failed)
}

function sqliteSteps(db: Sqlite, tx: SqliteTx): BatchSteps {
  const step = (sql: string) => {
    const statement = db.prepare(sql)
    return () => void statement.run()
  }
  const [begin, rollback] = [step('begin immediate'), step('rollback')]
  const [undo, release] = [step('rollback to one'), step('release one')]
  return {
    begin() {
      begin()
      tx.begin()
    },
    commit: step('commit'),
    rollback() {
      if (db.inTransaction) rollback()
      tx.forget()
    },
    guard: step('savepoint one'),
    keep: release,
    undo() {
      undo()
      release()
      tx.forget()
    },
    isStoreError,
  }
}

/** True for what the database itself reports (disk full, I/O error, locked), as opposed to a bug. */
function isStoreError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^SQLITE_(FULL|IOERR|BUSY|LOCKED|NOMEM|CORRUPT|NOTADB|READONLY|CANTOPEN)/.test(code)
}
