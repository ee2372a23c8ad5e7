import type { Connection } from 'mysql2/promise'
import type { Sqlite } from '../sqlite/open-database.ts'
import { tableShapes } from './table-shapes.ts'
import type { TableShape } from './table-shapes.ts'

/** One INSERT has so many rows and bytes at most; servers take 16 MiB unless told. */
const batchRows = 500
const batchBytes = 4 * 1024 * 1024

/** How far a table has been copied. */
export type Progress = (table: string, rows: number, of: number) => void

/** Rows of the target's tables: none in one that was never used. */
export async function rowsThere(db: Sqlite, target: Connection): Promise<number> {
  let rows = 0
  for (const { name } of tableShapes(db)) rows += await countOf(target, name)
  return rows
}

/** Copies every row, in the order of keys, numbers of rows included. */
export async function copyTables(
  db: Sqlite,
  target: Connection,
  progress: Progress = () => undefined,
): Promise<void> {
  for (const shape of tableShapes(db)) await copyTable(db, target, shape, progress)
}

async function copyTable(
  db: Sqlite,
  target: Connection,
  { name, columns, key }: TableShape,
  progress: Progress,
): Promise<void> {
  const count = db.prepare<[], number>(`select count(*) from ${name}`).pluck().get() ?? 0
  const rows = db.prepare<[], unknown[]>(`select ${columns.join(', ')} from ${name}
    order by ${key.join(', ')}`)
  const into = `insert into \`${name}\` (${columns.join(', ')}) values ?`
  let copied = 0
  for (const batch of batches(rows.raw().iterate())) {
    await target.query(into, [batch])
    copied += batch.length
    progress(name, copied, count)
  }
}

function* batches(rows: Iterable<unknown[]>): Generator<unknown[][]> {
  let batch: unknown[][] = []
  let bytes = 0
  for (const row of rows) {
    batch.push(row)
    bytes += row.reduce<number>((sum, value) => sum + sizeOf(value), 0)
    if (batch.length < batchRows && bytes < batchBytes) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

// As hexadecimal text, each byte takes two.
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length * 2
  return typeof value === 'string' ? value.length * 3 : 20
}

async function countOf(target: Connection, table: string): Promise<number> {
  const [rows] = await target.query({
    sql: `select count(*) from \`${table}\``,
    rowsAsArray: true,
  })
  return Number((rows as unknown as [[number]])[0][0])
}
