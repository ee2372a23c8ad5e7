import type { TransferProgress } from '@parley/client'
import type { Cli } from '../cli.ts'
import { ProgressBoard } from '../terminal/progress-board.ts'
import { tallyLines } from '../terminal/progress-lines.ts'
import { Tally } from './tally.ts'

const rowEveryMs = 1_000

/** Shows how far several transfers are: lines on a terminal, a JSON row a second after `--json`. */
export class ProgressOfSeveral {
  readonly #cli: Cli
  readonly #tally: Tally
  readonly #board: ProgressBoard | undefined
  readonly #nowMs: () => number
  #toldAtMs: number
  #isClosed = false

  constructor(
    cli: Cli,
    files: readonly { readonly sizeBytes: number }[],
    nowMs: () => number = () => performance.now(),
  ) {
    this.#cli = cli
    const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    this.#tally = new Tally(files.length, totalBytes)
    this.#nowMs = nowMs
    this.#toldAtMs = nowMs()
    const { stderr } = cli.terminal
    if (cli.out.json || !stderr.isTTY) return
    this.#board = new ProgressBoard(stderr, (columns) => tallyLines(this.#tally.view(), columns))
  }

  /** Runs one transfer, which tells how far it is. */
  async during<T>(
    { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
    work: (progress: (progress: TransferProgress) => void) => Promise<T>,
  ): Promise<T> {
    const key = {}
    try {
      return await work((progress) => {
        this.#tally.moved(key, name, progress)
        this.#tell()
      })
    } finally {
      this.#tally.ended(key, sizeBytes)
      this.#tell()
    }
  }

  /** Lets something be said above the lines. */
  above(say: () => void): void {
    if (this.#board) this.#board.above(say)
    else say()
  }

  close(): void {
    this.#isClosed = true
    this.#board?.close()
  }

  #tell(): void {
    if (this.#isClosed) return
    this.#board?.touch()
    if (!this.#cli.out.json || this.#nowMs() - this.#toldAtMs < rowEveryMs) return
    this.#toldAtMs = this.#nowMs()
    this.#cli.out.result({ type: 'progress', ...rounded(this.#tally.view()) }, '')
  }
}

function rounded(view: ReturnType<Tally['view']>): Record<string, unknown> {
  const of = ({ ratePerSecond, remainingMs }: TransferProgress) => ({
    ratePerSecond: Math.round(ratePerSecond),
    remainingMs: remainingMs === undefined ? null : Math.round(remainingMs),
  })
  const active = view.active.map((one) => ({ ...one, ...of(one) }))
  return { ...view, ...of(view), active }
}
