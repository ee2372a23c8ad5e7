import { parentPort, workerData } from 'node:worker_threads'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { batchRunner } from './batch.ts'
import { decodeBatch } from '../batch-codec.ts'
import { encodeOutcomes } from '../outcome-codec.ts'
import type { FromWriter, ToWriter } from '../writer-messages.ts'
import { migrate, openDatabase } from './open-database.ts'
import { sqliteTx } from './tx/index.ts'

/** The thread that alone writes: takes batches, commits them, answers when they are on disk. */
const { file } = workerData as { file: string }
const db = openDatabase({ file })
migrate(db)
const tx = sqliteTx(db, {
  now: () => systemScheduler.now(),
  newId: () => uuidv7(systemScheduler),
})
const runBatch = batchRunner(db, tx, (command, error) => {
  send({ kind: 'failed', command, message: error instanceof Error ? (error.stack ?? '') : '' })
})

parentPort?.on('message', (message: ToWriter) => {
  if (message.kind === 'close') {
    db.pragma('wal_checkpoint(TRUNCATE)')
    db.close()
    parentPort?.close()
    return
  }
  answer(message.number, message.batch)
})
send({ kind: 'open' })

function answer(number: number, encoded: Uint8Array): void {
  try {
    const batch = decodeBatch(encoded)
    const outcomes = encodeOutcomes(batch, runBatch(batch))
    parentPort?.postMessage(
      { kind: 'done', number, outcomes, lost: undefined } satisfies FromWriter,
      [outcomes.buffer as ArrayBuffer],
    )
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL'
    send({ kind: 'lost', number, code, message: String(error) })
  }
}

function send(message: FromWriter): void {
  parentPort?.postMessage(message)
}
