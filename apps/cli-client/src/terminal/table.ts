import { visibleLine } from '@parley/words'
import { cutColumns, padColumns, textWidth } from './width.ts'

const maxCellColumns = 60
const gap = '  '

/** Rows of text under each other, columns aligned whatever the script; cells are made safe and cut at 60 columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map((cell) => cutColumns(visibleLine(cell), maxCellColumns)))
  const columnCount = Math.max(0, ...safe.map((row) => row.length))
  const widths = Array.from({ length: columnCount }, (_, at) =>
    Math.max(...safe.map((row) => textWidth(row[at] ?? ''))),
  )
  return safe.map((row) => tableLine(row, widths)).join('\n')
}

function tableLine(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, at) => padColumns(cell, widths[at] ?? 0))
    .join(gap)
    .trimEnd()
}
