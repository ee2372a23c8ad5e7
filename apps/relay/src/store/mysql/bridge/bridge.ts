import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { BridgeParts, FromBridge, ToBridge } from './messages.ts'
import { MysqlError, isReadOnly, kindOf } from './mysql-error.ts'
import type { WriterLimits } from '../writer-limits.ts'
import type { MysqlSession, Param, Statement, StatementResult } from './session.ts'
import { sqlText } from './sql-text.ts'

/** Where to, and how long is waited. */
export interface BridgeOptions {
  readonly url: string
  readonly limits: WriterLimits
}

/**
 * A connection to MariaDB for a thread that may not wait in any other way: a second thread owns it,
 * this one sleeps until that has answered, at most `limits.statementMs`.
 */
export class MysqlBridge implements MysqlSession {
  readonly #thread: Worker
  readonly #port: MessagePort
  readonly #answers = new Int32Array(new SharedArrayBuffer(4))
  readonly #limits: WriterLimits
  #number = 0
  #hops = 0
  #isConnected = false
  /** A transaction begins with the next statement, in the same hop. */
  #begins = false

  constructor({ url, limits }: BridgeOptions) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#limits = limits
    this.#thread = new Worker(new URL('./bridge-thread.ts', import.meta.url), {
      workerData: { url, limits, port: port2, answers: this.#answers } satisfies BridgeParts,
      transferList: [port2],
      name: 'journal-bridge',
    })
  }

  /** False from the moment the connection is known to be lost. */
  get isConnected(): boolean {
    return this.#isConnected
  }

  /** Hops to the other thread so far. */
  get hops(): number {
    return this.#hops
  }

  /** Connects anew; what is left of the connection before is ended. Throws `MysqlError` unable. */
  connect(): void {
    this.#isConnected = false
    const question = { kind: 'connect', number: (this.#number += 1) } as const
    const answer = this.#ask(question, this.#limits.connectMs)
    if (answer === undefined) {
      this.drop()
      throw noAnswer('unable')
    }
    const { failure } = answer
    if (failure !== undefined) {
      throw new MysqlError('unable', failure.code, failure.errno, failure.message)
    }
    this.#isConnected = true
  }

  /** Begins a transaction, as soon as there is a first statement. */
  begin(): void {
    this.#begins = true
  }

  /** Undoes what was done since `begin`. Throws `MysqlError`. */
  rollback(): void {
    if (!this.#begins) this.run('rollback')
    this.#begins = false
  }

  all<Row>(sql: string, params: readonly Param[] = []): Row[] {
    const [result] = this.many([{ sql, params }])
    return (result?.rows ?? []) as Row[]
  }

  run(sql: string, params: readonly Param[] = []): StatementResult {
    const [result] = this.many([{ sql, params }])
    if (result === undefined) throw new Error('a statement has one result')
    return result
  }

  many(statements: readonly Statement[]): readonly StatementResult[] {
    const asked = statements.map(({ sql, params }) => sqlText(sql, params))
    const commits = statements.at(-1)?.sql === 'commit'
    if (!this.#isConnected) throw new MysqlError('again', 'CONNECTION_LOST', 0, 'not connected')
    const begun = this.#begins ? ['start transaction'] : []
    this.#begins = false
    const texts = [...begun, ...asked]
    const question = { kind: 'run', number: (this.#number += 1), statements: texts } as const
    const answer = this.#ask(question, this.#limits.statementMs)
    if (answer === undefined) {
      this.drop()
      throw noAnswer(commits ? 'unknown' : 'again')
    }
    const { results, failure } = answer
    if (failure === undefined) return results.slice(begun.length)
    if (failure.lost) this.#isConnected = false
    else if (isReadOnly(failure.errno)) this.drop()
    const meant = failure.lost ? 'again' : kindOf(failure.errno)
    const wasCommit = commits && results.length === texts.length - 1
    // Only "rolled back, for others were in the way" is certain when it answers a commit.
    const kind = wasCommit && (failure.lost || meant !== 'again') ? 'unknown' : meant
    throw new MysqlError(kind, failure.code, failure.errno, failure.message)
  }

  /** Gives the connection up where it stands. */
  drop(): void {
    this.#isConnected = false
    this.#tell({ kind: 'drop' })
  }

  /** Ends the connection and the thread. */
  async close(): Promise<void> {
    this.#isConnected = false
    this.#tell({ kind: 'close' })
    await this.#thread.terminate()
    this.#port.close()
  }

  #tell(message: ToBridge): void {
    this.#port.postMessage(message)
  }

  #ask(question: ToBridge & { readonly number: number }, waitMs: number): FromBridge | undefined {
    this.#hops += 1
    const untilMs = performance.now() + waitMs
    this.#tell(question)
    for (;;) {
      const seen = Atomics.load(this.#answers, 0)
      const answer = this.#receive(question.number)
      const leftMs = untilMs - performance.now()
      if (answer !== undefined || leftMs <= 0) return answer
      Atomics.wait(this.#answers, 0, seen, leftMs)
    }
  }

  // Answers that came too late for an earlier question are passed over.
  #receive(number: number): FromBridge | undefined {
    for (;;) {
      const received: { message: FromBridge } | undefined = receiveMessageOnPort(this.#port)
      if (received === undefined) return undefined
      if (received.message.number === number) return received.message
    }
  }
}

function noAnswer(kind: 'unable' | 'unknown' | 'again'): MysqlError {
  return new MysqlError(kind, 'TIMED_OUT', 0, 'the database did not answer in time')
}
