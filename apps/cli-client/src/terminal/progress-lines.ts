import type { TransferProgress } from '@parley/client'
import { durationText, sizeText, visibleLine } from '@parley/words'
import type { TallyView } from '../transfers/tally.ts'
import { cutColumns, padColumns, textWidth } from './width.ts'

const maxNameColumns = 30
const barColumns = 20

/** One transfer on a line of its own: name, share, sizes, rate and what remains. */
export function progressLine(name: string, progress: TransferProgress, columns: number): string {
  const { doneBytes, totalBytes } = progress
  const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1
  const bar = '#'.repeat(Math.round(share * barColumns)).padEnd(barColumns, '.')
  const percent = String(Math.floor(share * 100)).padStart(3)
  const shown = cutColumns(visibleLine(name), maxNameColumns)
  return cutColumns(`${shown} [${bar}] ${percent}% ${amounts(progress)}`, columns - 1)
}

/** A line for each transfer that goes on, and one for all of several. */
export function tallyLines(view: TallyView, columns: number): string[] {
  const widest = Math.min(
    maxNameColumns,
    Math.max(0, ...view.active.map(({ name }) => textWidth(visibleLine(name)))),
  )
  const lines = view.active.map((one) => {
    const name = padColumns(cutColumns(visibleLine(one.name), maxNameColumns), widest)
    return progressLine(name, one, columns)
  })
  if (view.files === 1) return lines
  const total = `${view.filesDone} of ${view.files} files, ${amounts(view)}`
  return [...lines, cutColumns(total, columns - 1)]
}

function amounts({ doneBytes, totalBytes, ratePerSecond, remainingMs }: TransferProgress): string {
  const sizes = `${sizeText(doneBytes)} of ${sizeText(totalBytes)}`
  const rate = ratePerSecond > 0 ? `, ${sizeText(Math.round(ratePerSecond))}/s` : ''
  const isOver = doneBytes >= totalBytes || remainingMs === undefined
  return `${sizes}${rate}${isOver ? '' : `, ${durationText(remainingMs)} left`}`
}
