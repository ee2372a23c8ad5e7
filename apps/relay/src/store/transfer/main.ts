import { parseArgs } from 'node:util'
import { moveStore } from './move-store.ts'

// A program of its own: `parley-admin migrate-store` runs it.
const { values } = parseArgs({
  options: { from: { type: 'string' }, to: { type: 'string' }, json: { type: 'boolean' } },
})
const { from = '', to = '', json = false } = values

const everyMs = 1_000
let saidAtMs = 0

/** At most a line a second, and one for each table that is done. */
function progress(table: string, rows: number, of: number): void {
  const nowMs = performance.now()
  if (rows < of && nowMs - saidAtMs < everyMs) return
  saidAtMs = nowMs
  process.stderr.write(`${table}: ${rows} of ${of} rows\n`)
}

try {
  const comparing = () => void process.stderr.write('comparing both stores\n')
  const agreement = await moveStore({ from, to, progress, comparing })
  const { logs, entries, tables } = agreement
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  process.stdout.write(
    json
      ? `${JSON.stringify({ type: 'store-moved', ...agreement })}\n`
      : `Moved and compared: ${logs} logs with ${entries} entries, ${tables.length} tables with ${rows} rows; all equal.\n`,
  )
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
