import { workerData } from 'node:worker_threads'
import { connectWriter, cutOff, killLost } from './connection.ts'
import type { WriterConnection } from './connection.ts'
import type { BridgeFailure, BridgeParts, FromBridge, ToBridge } from './messages.ts'
import { runStatements } from './run-statements.ts'
import type { StatementResult } from './session.ts'

/** The thread that owns the writer's connection; the writer sleeps until it answers. */
const { url, limits, port, answers } = workerData as BridgeParts
let current: WriterConnection | undefined
let lost: WriterConnection | undefined
/** One that was given up may still come about: it is not used. */
let attempt = 0

port.on('message', (asked: ToBridge) => {
  if (asked.kind === 'connect') void answer(asked.number, connect)
  else if (asked.kind === 'run') {
    void answer(asked.number, (results) => run(asked.statements, results))
  } else drop()
  if (asked.kind === 'close') port.close()
})

async function answer(
  number: number,
  work: (results: StatementResult[]) => Promise<void>,
): Promise<void> {
  const results: StatementResult[] = []
  const mine = attempt
  const failure = await work(results).then(() => undefined, failed)
  // Not what has taken its place since.
  if (failure?.lost === true && mine === attempt) drop()
  port.postMessage({ number, results, failure } satisfies FromBridge)
  Atomics.add(answers, 0, 1)
  Atomics.notify(answers, 0)
}

async function connect(): Promise<void> {
  drop()
  const mine = attempt
  const made = await connectWriter(url, limits)
  if (mine !== attempt) {
    cutOff(made.connection)
    throw new Error('the attempt was given up')
  }
  current = made
  if (lost === undefined) return
  // At best: the server ends it by itself when it has been idle.
  await killLost(made, lost).catch(() => undefined)
  lost = undefined
}

async function run(statements: readonly string[], results: StatementResult[]): Promise<void> {
  const used = current
  const connectionNow = () => {
    if (used === undefined || used !== current) throw new Error('there is no connection')
    return used.connection
  }
  await runStatements(connectionNow, statements, results)
}

function drop(): void {
  attempt += 1
  if (current !== undefined) lost = current
  if (current !== undefined) cutOff(current.connection)
  current = undefined
}

function failed(error: unknown): BridgeFailure {
  const message = error instanceof Error ? error.message : String(error)
  const { code, errno, sqlState, fatal } = error as Record<string, unknown>
  // What the server says of a statement has a state; anything else means that the way is broken.
  const isAnswer = typeof sqlState === 'string' && fatal !== true
  return {
    code: typeof code === 'string' ? code : 'CONNECTION_LOST',
    errno: typeof errno === 'number' ? errno : 0,
    message,
    lost: !isAnswer && !(error instanceof RangeError),
  }
}
