import type { TransferProgress } from '@parley/client'
import { SingleBar } from 'cli-progress'
import { sizeText } from '../amounts.ts'
import { visibleLine } from './visible.ts'
import { cutColumns } from './width.ts'

/** Reports how far a transfer is. */
export type Progress = (progress: TransferProgress) => void

const maxNameColumns = 30

/** Runs a transfer under a progress bar on a terminal, or silently where there is none. */
export async function withProgress<T>(
  screen: NodeJS.WriteStream,
  name: string,
  wanted: boolean,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  if (!wanted || !screen.isTTY) return work(() => undefined)
  const bar = newBar(screen, name)
  try {
    return await work(({ doneBytes, totalBytes }) => {
      if (bar.isActive) bar.setTotal(totalBytes)
      else bar.start(totalBytes, 0)
      bar.update(doneBytes)
    })
  } finally {
    if (bar.isActive) bar.stop()
  }
}

function newBar(stream: NodeJS.WriteStream, name: string): SingleBar {
  const shown = cutColumns(visibleLine(name), maxNameColumns)
  return new SingleBar({
    stream,
    format: (options, { value, total }) => {
      const filled = Math.round((total > 0 ? value / total : 1) * (options.barsize ?? 20))
      const bar = '#'.repeat(filled).padEnd(options.barsize ?? 20, '.')
      const percent = String(total > 0 ? Math.floor((value / total) * 100) : 100).padStart(3)
      return `${shown} [${bar}] ${percent}% ${sizeText(value)} of ${sizeText(total)}`
    },
    barsize: 20,
    fps: 10,
    hideCursor: false,
    linewrap: true,
    gracefulExit: false,
  })
}
