import { deserialize, serialize } from 'node:v8'
import { scripts } from '../commands/index.ts'
import { refuse } from '../commands/script.ts'
import type { Script } from '../commands/script.ts'
import { bytesEqual } from '../domain/bytes.ts'
import type { Command, Effects, Outcome, RequestKey } from './journal.ts'
import { noEffects } from './journal.ts'
import type { Tx } from './tx.ts'

/** Carries out a batch in one transaction and returns when it is on disk; throws when it is not. */
export type RunBatch = (batch: readonly Command[]) => Outcome[]

/** A command that failed for a reason that is no rule: a bug. Told once per command. */
export type Failed = (name: string, error: unknown) => void

/** A transaction that remembers what others must hear of it. */
export interface BatchTx extends Tx {
  /** What the last command changed for others, once. */
  takeEffects(): Effects
}

/** The steps of a transaction on one database. */
export interface BatchSteps {
  begin(batch: readonly Command[]): void
  /** Returns when everything is on disk. */
  commit(): void
  /** Undoes everything, in the database and in memory; never throws. */
  rollback(): void
  /** Marks the place that `undo` goes back to. */
  guard(): void
  /** Keeps what was done since `guard`. */
  keep(): void
  /** Undoes what was done since `guard`, in the database and in memory. */
  undo(): void
  /** True for what the database itself reports (full, away, locked), as opposed to a bug. */
  isStoreError(error: unknown): boolean
}

/**
 * Runs batches on one database. A batch first runs as a whole; if a command throws, it is rolled back
 * and run again with a savepoint around each command, so that one bad command harms no other.
 */
export function batchRunner(tx: BatchTx, steps: BatchSteps, failed: Failed): RunBatch {
  const guarded = (command: Command): Outcome => {
    steps.guard()
    try {
      const outcome = carryOut(tx, command)
      steps.keep()
      return outcome
    } catch (error) {
      if (steps.isStoreError(error)) throw error
      steps.undo()
      failed(command.name, error)
      return refuse('INTERNAL', 'This could not be carried out; nothing was stored.')
    }
  }
  const attempt = (batch: readonly Command[], run: (command: Command) => Outcome): Outcome[] => {
    try {
      steps.begin(batch)
      const outcomes = batch.map(run)
      steps.commit()
      return outcomes
    } catch (error) {
      steps.rollback()
      throw error
    }
  }
  return (batch) => {
    try {
      return attempt(batch, (command) => carryOut(tx, command))
    } catch (error) {
      if (steps.isStoreError(error)) throw error
      return attempt(batch, guarded)
    }
  }
}

function carryOut(tx: BatchTx, command: Command): Outcome {
  const { request } = command
  const before = request && tx.requests.get(request.user, request.id)
  if (request !== undefined && before !== undefined) return repeated(tx, command, request, before)
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
  tx: Tx,
  command: Command,
  request: RequestKey,
  before: { digest: Uint8Array; answer: Uint8Array },
): Outcome {
  if (!bytesEqual(request.digest, before.digest)) {
    return refuse('ID_CONFLICT', 'Another request was made under this id.')
  }
  const effects = toldAgain(tx, command)
  return { ok: true, answer: deserialize(before.answer), duplicate: true, effects }
}

/**
 * What a repetition tells others once more, for they may not have heard of it: contacts and profiles, which are in
 * no log. Whoever hears of them reads how they are now.
 */
function toldAgain(tx: Tx, command: Command): Effects {
  switch (command.name) {
    case 'answerContact':
    case 'blockUser':
    case 'removeContact':
    case 'requestContact':
    case 'unblockUser': {
      const { user, otherId } = command.input
      const other = tx.users.byPublicId(otherId)
      return { ...noEffects, contacts: other === undefined ? [user] : [user, other.id] }
    }
    case 'setProfilePicture':
    case 'updateProfile':
      return { ...noEffects, profiles: [command.input.user] }
    default:
      return noEffects
  }
}
