import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { Command, Journal, LogRun, Outcome } from '../journal.ts'
import { WriterThread } from '../writer-thread.ts'
import type { WriterEvents } from '../writer-thread.ts'
import { migrateMysql } from './migrate.ts'
import { openMysqlReader } from './reader.ts'
import type { MysqlReader } from './reader.ts'
import { writerLimits } from './writer-limits.ts'
import type { WriterLimits } from './writer-limits.ts'
import type { MysqlWriterParts } from './writer.ts'

/** How long a starting relay waits for its database, and between two attempts. */
const startWaitMs = 60_000
const attemptEveryMs = 500

/** What a journal on MariaDB tells the process. */
export interface MysqlEvents extends WriterEvents {
  /** The database is not there yet; told once, the start goes on when it is. */
  waiting(code: string): void
  /** Something about how the server is set, in words for operators. */
  warned(words: string): void
}

/** What a journal on MariaDB is opened with. */
export interface MysqlJournalOptions {
  /** mysql://user:password@host:port/database */
  readonly url: string
  readonly events: MysqlEvents
  readonly scheduler?: Scheduler
  /** How long the start waits for the database; 60 s unless told. */
  readonly startWaitMs?: number
  /** Other limits of the thread that writes than `writerLimits`. */
  readonly limits?: Partial<WriterLimits>
}

/**
 * Opens the journal on a MariaDB; makes the database and its tables if need be. Waits for a server
 * that is not there yet; throws `AppError` STORE_UNUSABLE when it is not there in time, or says no.
 */
export async function openMysqlJournal(options: MysqlJournalOptions): Promise<MysqlJournal> {
  const { url, events } = options
  for (const warning of await prepared(options)) events.warned(warning)
  const reader = openMysqlReader(url, { scheduler: options.scheduler ?? systemScheduler })
  const module = new URL('./writer.ts', import.meta.url)
  const parts: MysqlWriterParts = { url, limits: { ...writerLimits, ...options.limits } }
  return new MysqlJournal(await WriterThread.start(module, parts, events), reader)
}

/** The journal on a MariaDB that other relays may write to as well: one thread writes, a few connections read. */
export class MysqlJournal implements Journal {
  readonly #writer: WriterThread
  readonly #reader: MysqlReader

  constructor(writer: WriterThread, reader: MysqlReader) {
    this.#writer = writer
    this.#reader = reader
  }

  commit(batch: readonly Command[]): Promise<readonly Outcome[]> {
    return this.#writer.commit(batch)
  }

  readLog(conversation: number, from: number, to: number, maxBytes: number): Promise<LogRun> {
    return this.#reader.readLog(conversation, from, to, maxBytes)
  }

  readonly ask: Journal['ask'] = (name, args) => this.#reader.ask(name, args)

  async close(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#reader.close()])
  }
}

async function prepared(options: MysqlJournalOptions): Promise<readonly string[]> {
  const { url, events, scheduler = systemScheduler } = options
  const untilMs = scheduler.monotonic() + (options.startWaitMs ?? startWaitMs)
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await migrateMysql(url)
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
      if (!isAway(cause) || scheduler.monotonic() >= untilMs) throw unusable(cause)
      if (attempts === 1) events.waiting(code)
      await new Promise<void>((resolve) => scheduler.setTimer(attemptEveryMs, resolve))
    }
  }
}

/** True when the server did not answer, or is starting or stopping: it may be there in a moment. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const errno = 'errno' in error ? Number(error.errno) : 0
  // What the server says has a state, and is final but for "too many connections" and "shutting down".
  const isAnswer = 'sqlState' in error && typeof error.sqlState === 'string'
  const isLost = 'code' in error && !isAnswer
  return isLost || errno === 1040 || errno === 1053
}

function unusable(cause: unknown): AppError {
  const said = cause instanceof Error ? cause.message : String(cause)
  const message = `the database of MYSQL_URL cannot be used: ${said}`
  return new AppError('unavailable', 'STORE_UNUSABLE', message, { cause })
}
