import { deserialize, serialize } from 'node:v8'
import { scripts } from '../../commands/index.ts'
import { refuse } from '../../commands/script.ts'
import type { Script } from '../../commands/script.ts'
import { bytesEqual } from '../../domain/bytes.ts'
import type { Command, Outcome, RequestKey } from '../journal.ts'
import { noEffects } from '../journal.ts'
import type { Sqlite } from './open-database.ts'
import type { SqliteTx } from './tx/index.ts'

/** Carries out a batch in one transaction and returns when it is on disk; throws when it is not. */
export type RunBatch = (batch: readonly Command[]) => Outcome[]

/** A command that failed for a reason that is no rule: a bug. Told once per command. */
export type Failed = (name: string, error: unknown) => void

/**
 * Runs batches on one database. A batch first runs as a whole; if a command throws, it is rolled back
 * and run again with a savepoint around each command, so that one bad command harms no other.
 */
export function batchRunner(db: Sqlite, tx: SqliteTx, failed: Failed): RunBatch {
  const statement = (sql: string) => db.prepare(sql)
  const [begin, commit, rollback] = ['begin immediate', 'commit', 'rollback'].map(statement)
  const [savepoint, release, undo] = ['savepoint one', 'release one', 'rollback to one'].map(
    statement,
  )
  const guarded = (command: Command): Outcome => {
    savepoint?.run()
    try {
      return carryOut(tx, command)
    } catch (error) {
      if (isStoreError(error)) throw error
      undo?.run()
      tx.forget()
      failed(command.name, error)
      return refuse('INTERNAL', 'This could not be carried out; nothing was stored.')
    } finally {
      if (db.inTransaction) release?.run()
    }
  }
  const attempt = (batch: readonly Command[], run: (command: Command) => Outcome): Outcome[] => {
    begin?.run()
    try {
      tx.begin()
      const outcomes = batch.map(run)
      commit?.run()
      return outcomes
    } catch (error) {
      if (db.inTransaction) rollback?.run()
      tx.forget()
      throw error
    }
  }
  return (batch) => {
    try {
      return attempt(batch, (command) => carryOut(tx, command))
    } catch (error) {
      if (isStoreError(error)) throw error
      return attempt(batch, guarded)
    }
  }
}

function carryOut(tx: SqliteTx, command: Command): Outcome {
  const { request } = command
  const before = request && tx.requests.get(request.user, request.id)
  if (request !== undefined && before !== undefined) return repeated(request, before)
  const script = scripts[command.name] as Script<unknown, unknown>
  const verdict = script(tx, command.input)
  const effects = tx.takeEffects()
  if (!verdict.ok) return verdict
  if (request !== undefined) {
    tx.requests.put(request.user, request.id, request.digest, serialize(verdict.answer))
  }
  return { ok: true, answer: verdict.answer, duplicate: verdict.duplicate ?? false, effects }
}

function repeated(
  request: RequestKey,
  before: { digest: Uint8Array; answer: Uint8Array },
): Outcome {
  if (!bytesEqual(request.digest, before.digest)) {
    return refuse('ID_CONFLICT', 'Another request was made under this id.')
  }
  return { ok: true, answer: deserialize(before.answer), duplicate: true, effects: noEffects }
}

/** True for what the database itself reports (disk full, I/O error, locked), as opposed to a bug. */
function isStoreError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^SQLITE_(FULL|IOERR|BUSY|LOCKED|NOMEM|CORRUPT|NOTADB|READONLY|CANTOPEN)/.test(code)
}
