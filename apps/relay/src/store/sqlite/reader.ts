import { parentPort, workerData } from 'node:worker_threads'
import { queries } from '../queries/index.ts'
import type { Query, QueryName } from '../queries/index.ts'
import { kyselyOn } from './kysely.ts'
import { openDatabase } from './open-database.ts'
import { logReader } from './read-log.ts'
import type { FromReader, ToReader } from './thread-messages.ts'

/** The thread that answers questions, on a connection that cannot write. */
const { file } = workerData as { file: string }
const connection = openDatabase({ file, readonly: true })
const db = kyselyOn(connection)
const readLog = logReader(connection)

parentPort?.on('message', (message: ToReader) => {
  if (message.kind === 'close') {
    connection.close()
    parentPort?.close()
    return
  }
  void answer(message)
})
send({ kind: 'open' })

async function answer(message: Exclude<ToReader, { kind: 'close' }>): Promise<void> {
  const { number } = message
  try {
    if (message.kind === 'log') {
      const run = readLog(message.conversation, message.from, message.to, message.maxBytes)
      send({ kind: 'result', number, result: run }, [run.packed.buffer as ArrayBuffer])
      return
    }
    const query = queries[message.name as QueryName] as Query<unknown, unknown>
    send({ kind: 'result', number, result: await query(db, message.args) })
  } catch (error) {
    send({ kind: 'error', number, message: error instanceof Error ? (error.stack ?? '') : '' })
  }
}

function send(message: FromReader, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}
