import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AppError } from '@parley/errors'
import { encodeBatch } from './batch-codec.ts'
import type { Command, Outcome } from './journal.ts'
import { decodeOutcomes } from './outcome-codec.ts'
import type { FromWriter, ToWriter } from './writer-messages.ts'

/** What a writer tells the process. */
export interface WriterEvents {
  /** A command threw: a bug. */
  failed(command: string, message: string): void
  /** Batches are not stored from now on, or nobody knows whether they are; each is tried. */
  lost(code: string): void
  /** The thread is dead: stop, and start anew. */
  fatal(error: Error): void
}

interface Waiting {
  readonly batch: readonly Command[]
  resolve(outcomes: Outcome[]): void
  reject(error: Error): void
}

/** A thread that commits batches, seen from the thread that hands them over. */
export class WriterThread {
  readonly #thread: Worker
  readonly #events: WriterEvents
  readonly #commits = new Map<number, Waiting>()
  #number = 0
  #isClosing = false
  #isLosing = false

  private constructor(thread: Worker, events: WriterEvents) {
    this.#thread = thread
    this.#events = events
    thread.on('message', (message: FromWriter) => this.#hear(message))
    thread.on('error', (error) =>
      this.#die(error instanceof Error ? error : new Error(String(error))),
    )
    thread.on('exit', () => this.#die(new Error('the thread that writes has ended')))
  }

  /** Starts a thread; settles when it takes batches. Its name is what the system's tools show. */
  static async start(
    module: URL,
    workerData: unknown,
    events: WriterEvents,
  ): Promise<WriterThread> {
    const thread = new Worker(module, { workerData, name: 'journal-writer' })
    await once(thread, 'message')
    return new WriterThread(thread, events)
  }

  /** Commits a batch; rejects only when all of its outcome is unknown. */
  commit(batch: readonly Command[]): Promise<Outcome[]> {
    if (this.#isClosing) return Promise.reject(closed())
    return new Promise((resolve, reject) => {
      const number = (this.#number += 1)
      const encoded = encodeBatch(batch)
      this.#commits.set(number, { batch, resolve, reject })
      this.#thread.postMessage({ kind: 'commit', number, batch: encoded } satisfies ToWriter, [
        encoded.buffer as ArrayBuffer,
      ])
    })
  }

  /** Ends the thread after the batches that it has. */
  async close(): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    const ended = once(this.#thread, 'exit')
    this.#thread.postMessage({ kind: 'close' } satisfies ToWriter)
    await ended
    this.#rejectAll(closed())
  }

  #hear(message: FromWriter): void {
    if (message.kind === 'failed') this.#events.failed(message.command, message.message)
    if (message.kind !== 'done' && message.kind !== 'lost') return
    const waiting = this.#commits.get(message.number)
    this.#commits.delete(message.number)
    const code = message.kind === 'lost' ? message.code : message.lost
    if (code !== undefined && !this.#isLosing) this.#events.lost(code)
    this.#isLosing = code !== undefined
    if (message.kind === 'lost') waiting?.reject(notStored(message.message))
    else waiting?.resolve(decodeOutcomes(waiting.batch, message.outcomes))
  }

  #die(error: Error): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#rejectAll(error)
    this.#events.fatal(error)
  }

  #rejectAll(error: Error): void {
    for (const waiting of this.#commits.values()) waiting.reject(error)
    this.#commits.clear()
  }
}

/** What callers are told; what the database says of itself is the cause, for the operators. */
function notStored(said: string): AppError {
  const words = 'nothing can be stored at this moment'
  return new AppError('unavailable', 'STORE_UNAVAILABLE', words, { cause: new Error(said) })
}

function closed(): AppError {
  return new AppError('unavailable', 'STORE_CLOSED', 'the journal is closed')
}
