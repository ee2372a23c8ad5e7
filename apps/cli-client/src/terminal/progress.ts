import type { TransferProgress } from '@parley/client'
import { ProgressBoard } from './progress-board.ts'
import { progressLine } from './progress-lines.ts'

/** Reports how far a transfer is. */
export type Progress = (progress: TransferProgress) => void

/** Runs a transfer under a progress bar on a terminal, or silently where there is none. */
export async function withProgress<T>(
  screen: NodeJS.WriteStream,
  name: string,
  wanted: boolean,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  if (!wanted || !screen.isTTY) return work(() => undefined)
  let latest: TransferProgress | undefined
  const lines = (columns: number) => (latest ? [progressLine(name, latest, columns)] : [])
  const board = new ProgressBoard(screen, lines)
  try {
    return await work((progress) => {
      latest = progress
      board.touch()
    })
  } finally {
    board.close()
  }
}
