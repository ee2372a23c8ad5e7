import { parentPort, workerData } from 'node:worker_threads'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { decodeBatch } from '../batch-codec.ts'
import { encodeOutcomes } from '../outcome-codec.ts'
import { batchRunner } from '../run-batch.ts'
import type { Failed } from '../run-batch.ts'
import type { FromWriter, ToWriter } from '../writer-messages.ts'
import { runAgain } from './batch/again.ts'
import { mysqlSteps } from './batch/steps.ts'
import { MysqlBridge } from './bridge/bridge.ts'
import { mysqlTx } from './tx/index.ts'
import { Work } from './tx/work.ts'
import type { WriterLimits } from './writer-limits.ts'

/** What the thread is started with. */
export interface MysqlWriterParts {
  readonly url: string
  readonly limits: WriterLimits
}

/** The thread that writes: takes batches, commits them, answers when they are on disk. */
const { url, limits } = workerData as MysqlWriterParts
const bridge = new MysqlBridge({ url, limits })
const work = new Work(bridge, () => uuidv7(systemScheduler))
const failed: Failed = (command, error) => {
  send({ kind: 'failed', command, message: error instanceof Error ? (error.stack ?? '') : '' })
}
const sleeper = new Int32Array(new SharedArrayBuffer(4))
const run = batchRunner(mysqlTx(work), mysqlSteps(bridge, work, systemScheduler), failed)
const runBatch = runAgain(run, {
  monotonic: () => systemScheduler.monotonic(),
  random: () => systemScheduler.random(),
  pause: (ms) => void Atomics.wait(sleeper, 0, 0, ms),
  failed,
  againForMs: limits.againForMs,
})

parentPort?.on('message', (message: ToWriter) => {
  if (message.kind === 'close') void bridge.close().then(() => parentPort?.close())
  else answer(message.number, message.batch)
})
send({ kind: 'open' })

function answer(number: number, encoded: Uint8Array): void {
  try {
    const batch = decodeBatch(encoded)
    const carried = runBatch(batch)
    const outcomes = encodeOutcomes(batch, carried.outcomes)
    const lost = carried.lost === undefined ? undefined : codeOf(carried.lost)
    parentPort?.postMessage({ kind: 'done', number, outcomes, lost } satisfies FromWriter, [
      outcomes.buffer as ArrayBuffer,
    ])
  } catch (error) {
    send({ kind: 'lost', number, code: codeOf(error), message: String(error) })
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL'
}

function send(message: FromWriter): void {
  parentPort?.postMessage(message)
}
