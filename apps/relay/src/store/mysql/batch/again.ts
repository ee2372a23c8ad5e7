import { refuse } from '../../../commands/script.ts'
import type { Command, Outcome } from '../../journal.ts'
import type { Failed, RunBatch } from '../../run-batch.ts'
import { MysqlError, duplicateKey } from '../bridge/mysql-error.ts'

/** A batch runs so often as a whole, then in halves; a single command so often. */
export const batchTries = 2
export const commandTries = 5
/** After so long nothing is run again: its sender has been told, or is about to be. */
export const againForMs = 5_000
/** Before the next try it waits up to so long, times the tries. */
const pauseMs = 10

/** What running again needs. */
export interface AgainParts {
  /** Milliseconds since some fixed instant. */
  monotonic(): number
  /** From 0 up to but not including 1. */
  random(): number
  /** Stops the thread. */
  pause(ms: number): void
  readonly failed: Failed
}

/**
 * Runs a batch again from its inputs when others were in the way, or the connection was lost before
 * the commit was sent. Throws when nothing helped; then what its halves have stored stays stored, and
 * their outcomes are unknown to whoever asked.
 */
export function runAgain(run: RunBatch, parts: AgainParts): RunBatch {
  const attempt = (batch: readonly Command[], untilMs: number): Outcome[] => {
    const tries = batch.length > 1 ? batchTries : commandTries
    for (let tried = 1; ; tried += 1) {
      try {
        return run(batch)
      } catch (error) {
        if (!(error instanceof MysqlError) || error.kind !== 'again') throw error
        if (parts.monotonic() >= untilMs) throw error
        if (tried === tries) return smaller(batch, untilMs, error)
        parts.pause(parts.random() * pauseMs * tried)
      }
    }
  }
  const smaller = (batch: readonly Command[], untilMs: number, error: MysqlError): Outcome[] => {
    const half = Math.ceil(batch.length / 2)
    if (batch.length > 1) {
      return [...attempt(batch.slice(0, half), untilMs), ...attempt(batch.slice(half), untilMs)]
    }
    if (error.errno !== duplicateKey) throw error
    // Nobody can have been in the way so often: the command itself is wrong.
    for (const { name } of batch) parts.failed(name, error)
    return batch.map(() => refuse('INTERNAL', 'This could not be carried out; nothing was stored.'))
  }
  return (batch) => attempt(batch, parts.monotonic() + againForMs)
}
