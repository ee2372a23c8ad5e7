import { refuse } from '../../../commands/script.ts'
import type { Command, Outcome } from '../../journal.ts'
import type { Failed, RunBatch } from '../../run-batch.ts'
import { MysqlError, duplicateKey } from '../bridge/mysql-error.ts'

/** A batch runs so often as a whole, then in halves; a single command so often. */
export const batchTries = 2
export const commandTries = 5
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
  /** After so long nothing is run again. */
  readonly againForMs: number
}

/** What is known of a batch. */
export interface Carried {
  /** Of the first commands, in their order: these are on disk. */
  readonly outcomes: Outcome[]
  /** Why nothing is known of those behind them, which may be on disk in part. */
  readonly lost: unknown
}

/**
 * Runs a batch again from its inputs when others were in the way, or the connection was lost before
 * the commit was sent. Throws when nothing helped and nothing is known to be stored. When some parts
 * were stored before one was lost, nothing behind the lost one runs: a sender's order would break.
 */
export function runAgain(run: RunBatch, parts: AgainParts): (batch: readonly Command[]) => Carried {
  const attempt = (batch: readonly Command[], untilMs: number): Carried => {
    const tries = batch.length > 1 ? batchTries : commandTries
    for (let tried = 1; ; tried += 1) {
      try {
        return { outcomes: run(batch), lost: undefined }
      } catch (error) {
        if (!(error instanceof MysqlError) || error.kind !== 'again') throw error
        if (parts.monotonic() >= untilMs) throw error
        if (tried === tries) return smaller(batch, untilMs, error)
        parts.pause(parts.random() * pauseMs * tried)
      }
    }
  }
  const smaller = (batch: readonly Command[], untilMs: number, error: MysqlError): Carried => {
    if (batch.length > 1) return halves(batch, untilMs)
    if (error.errno !== duplicateKey) throw error
    // Nobody can have been in the way so often: the command itself is wrong.
    for (const { name } of batch) parts.failed(name, error)
    const refused = refuse('INTERNAL', 'This could not be carried out; nothing was stored.')
    return { outcomes: batch.map(() => refused), lost: undefined }
  }
  const halves = (batch: readonly Command[], untilMs: number): Carried => {
    const half = Math.ceil(batch.length / 2)
    const first = attempt(batch.slice(0, half), untilMs)
    if (first.lost !== undefined) return first
    try {
      const second = attempt(batch.slice(half), untilMs)
      return { outcomes: [...first.outcomes, ...second.outcomes], lost: second.lost }
    } catch (lost) {
      return { outcomes: first.outcomes, lost }
    }
  }
  return (batch) => attempt(batch, parts.monotonic() + parts.againForMs)
}
