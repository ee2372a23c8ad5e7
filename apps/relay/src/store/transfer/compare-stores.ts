import type { Connection } from 'mysql2'
import type { Sqlite } from '../sqlite/open-database.ts'
import { logColumns, logDigests, rowsDigest } from './log-digests.ts'
import type { LogDigest } from './log-digests.ts'
import { tableShapes } from './table-shapes.ts'
import type { TableShape } from './table-shapes.ts'

/** What two stores were found to have in common. */
export interface Agreement {
  readonly logs: number
  readonly entries: number
  readonly tables: readonly { readonly name: string; readonly rows: number }[]
}

/**
 * Reads both stores in full and compares them: each log by its count, its head and a digest of its
 * entries, every other table by its rows and a digest of them. Throws at the first difference.
 */
export async function compareStores(db: Sqlite, target: Connection): Promise<Agreement> {
  const shapes = tableShapes(db)
  const tables: { name: string; rows: number }[] = []
  for (const shape of shapes) tables.push(await compareTable(db, target, shape))
  return { ...(await compareLogs(db, target)), tables }
}

async function compareLogs(db: Sqlite, target: Connection) {
  const order = 'order by conversation, seq'
  const sql = `select ${logColumns} from messages ${order}`
  const ours = logDigests(db.prepare<[], unknown[]>(sql).raw().iterate())
  const index = 'force index (messages_log)'
  const theirs = logDigests(
    streamed(target, `select ${logColumns} from messages ${index} ${order}`),
  )
  let [logs, entries] = [0, 0]
  for (;;) {
    const [own, other] = [await ours.next(), await theirs.next()]
    if (own.done === true && other.done === true) return { logs, entries }
    expectSame(own.value as LogDigest | undefined, other.value as LogDigest | undefined)
    logs += 1
    entries += (own.value as LogDigest).count
  }
}

function expectSame(own: LogDigest | undefined, other: LogDigest | undefined): void {
  const [ours, theirs] = [JSON.stringify(own), JSON.stringify(other)]
  if (ours === theirs) return
  throw new Error(`the log of conversation ${own?.conversation ?? other?.conversation} differs:
  there ${ours ?? 'nothing'}
  here  ${theirs ?? 'nothing'}`)
}

async function compareTable(db: Sqlite, target: Connection, { name, columns, key }: TableShape) {
  const [what, order] = [columns.join(', '), key.join(', ')]
  const sql = `select ${what} from \`${name}\` order by ${order}`
  const own = await rowsDigest(db.prepare<[], unknown[]>(sql).raw().iterate())
  const other = await rowsDigest(streamed(target, sql))
  if (own.count !== other.count) {
    throw new Error(`the table ${name} has ${own.count} rows there and ${other.count} here`)
  }
  if (own.digest !== other.digest) throw new Error(`a row of the table ${name} differs`)
  return { name, rows: own.count }
}

// Row by row: a table need not fit into memory.
function streamed(target: Connection, sql: string): AsyncIterable<unknown[]> {
  return target.query({ sql, rowsAsArray: true }).stream({ highWaterMark: 256 })
}
