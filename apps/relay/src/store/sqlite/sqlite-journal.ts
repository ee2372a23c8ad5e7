import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AppError } from '@parley/errors'
import type { Command, Journal, LogRun, Outcome } from '../journal.ts'
import { encodeBatch } from '../batch-codec.ts'
import { decodeOutcomes } from '../outcome-codec.ts'
import { passes } from './lost-batch.ts'
import type { FromWriter, ToWriter } from '../writer-messages.ts'
import type { FromReader, ToReader } from './thread-messages.ts'

/** The most questions under way at once; one more is refused as BUSY. */
const maxQuestions = 10_000

/** What the journal tells the process. */
export interface JournalEvents {
  /** A command threw: a bug. */
  failed(command: string, message: string): void
  /** Batches are not stored from now on, for example because the disk is full; each is tried. */
  lost(code: string): void
  /** The database cannot be trusted any more (failed write, dead thread): stop, and start from disk. */
  fatal(error: Error): void
}

interface Waiting<Result> {
  resolve(result: Result): void
  reject(error: Error): void
}

/** The journal on a SQLite file: one thread writes, one reads, this one only waits. */
export class SqliteJournal implements Journal {
  readonly #writer: Worker
  readonly #reader: Worker
  readonly #events: JournalEvents
  readonly #commits = new Map<number, Waiting<Outcome[]> & { batch: readonly Command[] }>()
  readonly #questions = new Map<number, Waiting<unknown>>()
  #number = 0
  #closing = false
  #isLosing = false

  private constructor(writer: Worker, reader: Worker, events: JournalEvents) {
    this.#writer = writer
    this.#reader = reader
    this.#events = events
    writer.on('message', (message: FromWriter) => this.#fromWriter(message))
    reader.on('message', (message: FromReader) => this.#fromReader(message))
    for (const thread of [writer, reader]) {
      thread.on('error', (error) => this.#die(asError(error)))
      thread.on('exit', () => this.#die(new Error('a thread of the journal has ended')))
    }
  }

  /** Opens (and if need be creates) the database; settles when both threads are ready. */
  static async open(file: string, events: JournalEvents): Promise<SqliteJournal> {
    const writer = await startThread('writer', file)
    const reader = await startThread('reader', file).catch(async (error: unknown) => {
      await writer.terminate()
      throw error
    })
    return new SqliteJournal(writer, reader, events)
  }

  commit(batch: readonly Command[]): Promise<Outcome[]> {
    if (this.#closing) return Promise.reject(closed())
    return new Promise((resolve, reject) => {
      const number = ++this.#number
      const encoded = encodeBatch(batch)
      this.#commits.set(number, { batch, resolve, reject })
      this.#writer.postMessage({ kind: 'commit', number, batch: encoded } satisfies ToWriter, [
        encoded.buffer as ArrayBuffer,
      ])
    })
  }

  readLog(conversation: number, from: number, to: number, maxBytes: number): Promise<LogRun> {
    return this.#question({ kind: 'log', number: 0, conversation, from, to, maxBytes })
  }

  ask<Result>(name: string, args: unknown): Promise<Result> {
    return this.#question({ kind: 'ask', number: 0, name, args })
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    for (const thread of [this.#reader, this.#writer]) {
      const ended = once(thread, 'exit')
      thread.postMessage({ kind: 'close' })
      await ended
    }
    this.#rejectAll(closed())
  }

  #question<Result>(message: Exclude<ToReader, { kind: 'close' }>): Promise<Result> {
    if (this.#closing) return Promise.reject(closed())
    if (this.#questions.size >= maxQuestions) {
      return Promise.reject(new AppError('exhausted', 'BUSY', 'too many questions at once'))
    }
    return new Promise<Result>((resolve, reject) => {
      const number = ++this.#number
      // The thread answers each number with the result of its own question.
      this.#questions.set(number, { resolve, reject })
      this.#reader.postMessage({ ...message, number })
    })
  }

  #fromWriter(message: FromWriter): void {
    if (message.kind === 'failed') this.#events.failed(message.command, message.message)
    if (message.kind !== 'done' && message.kind !== 'lost') return
    const waiting = this.#commits.get(message.number)
    this.#commits.delete(message.number)
    if (message.kind === 'lost') {
      waiting?.reject(this.#lose(message.code, message.message))
      return
    }
    this.#isLosing = false
    waiting?.resolve(decodeOutcomes(waiting.batch, message.outcomes))
  }

  /** What callers are told; what the database says of itself is for the operators. */
  #lose(code: string, said: string): AppError {
    const cause = new Error(said)
    if (!passes(code)) this.#events.fatal(cause)
    else if (!this.#isLosing) this.#events.lost(code)
    this.#isLosing = true
    const words = 'nothing can be stored at this moment'
    return new AppError('unavailable', 'STORE_UNAVAILABLE', words, { cause })
  }

  #fromReader(message: FromReader): void {
    if (message.kind === 'open') return
    const waiting = this.#questions.get(message.number)
    this.#questions.delete(message.number)
    if (message.kind === 'result') waiting?.resolve(message.result)
    else waiting?.reject(new Error(message.message))
  }

  #die(error: Error): void {
    if (this.#closing) return
    this.#rejectAll(error)
    this.#events.fatal(error)
  }

  #rejectAll(error: Error): void {
    for (const waiting of [...this.#commits.values(), ...this.#questions.values()]) {
      waiting.reject(error)
    }
    this.#commits.clear()
    this.#questions.clear()
  }
}

async function startThread(part: 'writer' | 'reader', file: string): Promise<Worker> {
  const module = new URL(`./${part}.ts`, import.meta.url)
  // The name is what the system's tools show of the thread.
  const thread = new Worker(module, { workerData: { file }, name: `journal-${part}` })
  try {
    // Rejects with the thread's own error when it cannot open the database.
    await once(thread, 'message')
    return thread
  } catch (cause) {
    const message = `the database ${file} cannot be opened: ${asError(cause).message}`
    throw new AppError('unavailable', 'STORE_UNUSABLE', message, { cause })
  }
}

function closed(): AppError {
  return new AppError('unavailable', 'STORE_CLOSED', 'the journal is closed')
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
