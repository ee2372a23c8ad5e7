import { performance } from 'node:perf_hooks'
import { Backoff } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { BatchSteps } from '../../run-batch.ts'
import type { MysqlBridge } from '../bridge/bridge.ts'
import { MysqlError } from '../bridge/mysql-error.ts'
import type { Work } from '../tx/work.ts'
import { LastingFacts } from './lasting-facts.ts'
import { prefetch } from './prefetch.ts'

/** While the database is away it is tried so often at most; batches in between fail at once. */
const reconnect = { baseMs: 50, capMs: 1_000 }

/** The steps of a transaction on MariaDB. */
export function mysqlSteps(
  bridge: MysqlBridge,
  work: Work,
  scheduler: Scheduler,
  lasting = new LastingFacts(),
): BatchSteps {
  // Behind a new connection may be another server, or a backup that was played back.
  const connected = connecting(bridge, scheduler, () => lasting.forget())
  const step = (sql: string) => () => work.flush({ sql })
  return {
    begin(batch) {
      connected()
      work.reset()
      work.nowMs = scheduler.now()
      bridge.begin()
      prefetch(bridge, work.known, lasting, batch)
    },
    commit: step('commit'),
    rollback() {
      work.reset()
      if (!bridge.isConnected) return
      try {
        bridge.rollback()
      } catch {
        // Whatever the state of the transaction, it ends with its connection.
        bridge.drop()
      }
    },
    guard: step('savepoint one'),
    keep: step('release savepoint one'),
    undo() {
      work.undone()
      bridge.run('rollback to savepoint one')
    },
    isStoreError: (error) => error instanceof MysqlError && error.kind !== 'statement',
  }
}

/** Connects when there is no connection, or throws at once while the last attempt is recent. */
function connecting(bridge: MysqlBridge, scheduler: Scheduler, onConnect: () => void): () => void {
  const backoff = new Backoff(scheduler, reconnect)
  let notBeforeMs = -Infinity
  return () => {
    if (bridge.isConnected) return
    if (performance.now() < notBeforeMs) {
      throw new MysqlError('unable', 'CONNECTION_LOST', 0, 'the database is away')
    }
    try {
      bridge.connect()
      onConnect()
      backoff.reset()
    } catch (error) {
      notBeforeMs = performance.now() + backoff.next()
      throw error
    }
  }
}
