/** Lines at the bottom of a terminal that are drawn again and again, for example of transfers. */
export class ProgressBoard {
  readonly #screen: NodeJS.WriteStream
  readonly #lines: (columns: number) => readonly string[]
  readonly #nowMs: () => number
  #rows = 0
  #drawnAtMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(
    screen: NodeJS.WriteStream,
    lines: (columns: number) => readonly string[],
    nowMs: () => number = () => performance.now(),
  ) {
    this.#screen = screen
    this.#lines = lines
    this.#nowMs = nowMs
  }

  /** Draws what there is to say now, at most ten times a second. */
  touch(): void {
    const nowMs = this.#nowMs()
    if (this.#isClosed || nowMs - this.#drawnAtMs < redrawMs) return
    this.#drawnAtMs = nowMs
    this.#draw()
  }

  /** Lets something be written above the lines. */
  above(write: () => void): void {
    if (this.#rows > 0) this.#screen.write(this.#erased())
    write()
    if (!this.#isClosed) this.#draw()
  }

  /** Draws a last time and leaves the lines where they are. */
  close(): void {
    if (!this.#isClosed) this.#draw()
    this.#isClosed = true
    this.#rows = 0
  }

  #draw(): void {
    const lines = this.#lines(this.#screen.columns || 80)
    const before = this.#erased()
    this.#rows = lines.length
    this.#screen.write(before + lines.map((line) => `${line}\n`).join(''))
  }

  #erased(): string {
    const up = this.#rows > 0 ? `\u001b[${this.#rows}A\r\u001b[J` : ''
    this.#rows = 0
    return up
  }
}

const redrawMs = 100
