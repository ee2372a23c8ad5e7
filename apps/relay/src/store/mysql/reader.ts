import type { Scheduler } from '@parley/service-kit'
import { systemScheduler } from '@parley/service-kit'
import type { Journal } from '../journal.ts'
import { RunGatherer } from '../log-run.ts'
import type { Query, QueryName } from '../queries/index.ts'
import { queries } from '../queries/index.ts'
import { openReadConnection } from './connection.ts'
import { kyselyOnPool } from './kysely.ts'
import { ReadPool, poolBounds } from './read-pool.ts'
import type { PoolBounds } from './read-pool.ts'

/** How long questions under way have when the reader closes. */
const closingMs = 2_000
/** Entries fetched first when nothing is known of their size, and the most at once. */
const firstEntries = 64
const maxEntries = 1_000

/** How a database is read. */
export interface MysqlReaderOptions {
  readonly scheduler?: Scheduler
  readonly bounds?: PoolBounds
}

/** The reading side of a journal on MariaDB. Questions throw `AppError` unavailable while it is away. */
export type MysqlReader = Pick<Journal, 'readLog' | 'ask' | 'close'>

/** Opens the reading of a database that has its tables; connects at the first question. */
export function openMysqlReader(url: string, options: MysqlReaderOptions = {}): MysqlReader {
  const { scheduler = systemScheduler, bounds = poolBounds } = options
  const pool = new ReadPool(() => openReadConnection(url), scheduler, bounds)
  const db = kyselyOnPool(pool)
  const underWay = new Set<Promise<unknown>>()
  const tracked = <Result>(work: Promise<Result>): Promise<Result> => {
    underWay.add(work)
    const over = () => void underWay.delete(work)
    work.then(over, over)
    return work
  }
  return {
    readLog: (conversation, from, to, maxBytes) =>
      tracked(readRun(pool, { conversation, from, to }, maxBytes)),
    ask: (name: QueryName, args: unknown) =>
      tracked((queries[name] as Query<unknown, never>)(db, args)),
    async close() {
      let timer = { cancel() {} }
      const late = new Promise<void>((resolve) => {
        timer = scheduler.setTimer(closingMs, resolve)
      })
      await Promise.race([Promise.allSettled(underWay), late])
      timer.cancel()
      pool.close()
    },
  }
}

interface Range {
  readonly conversation: number
  readonly from: number
  readonly to: number
}

// In portions, so that little is fetched that has no room: what came tells how large entries are.
async function readRun(pool: ReadPool, { conversation, from, to }: Range, maxBytes: number) {
  const gathered = new RunGatherer(from, maxBytes)
  let portion = firstEntries
  let hasRoom = true
  for (let next = from; hasRoom && next <= to; next = from + gathered.count) {
    const last = Math.min(to, next + portion - 1)
    const entries = await pool.run((connection) =>
      connection.column(
        'select entry from messages where conversation = ? and seq between ? and ? order by seq',
        [conversation, next, last],
      ),
    )
    hasRoom = entries.every((entry) => gathered.add(entry)) && entries.length === last - next + 1
    const usualBytes = gathered.bytes / Math.max(1, gathered.count)
    portion = Math.ceil((maxBytes - gathered.bytes) / Math.max(1, usualBytes)) + 1
    portion = Math.min(maxEntries, Math.max(1, portion))
  }
  return gathered.run()
}
