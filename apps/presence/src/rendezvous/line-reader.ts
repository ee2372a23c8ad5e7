import type { Socket } from 'node:net'

/** How much is read ahead. */
export interface LineBounds {
  readonly lineBytes: number
  readonly waitingLines: number
}

/** Reads a socket by lines; what is not taken makes the peer wait, a line that is too long ends it. */
export class LineReader {
  readonly #socket: Socket
  readonly #bounds: LineBounds
  readonly #lines: string[] = []
  #rest: Buffer = Buffer.alloc(0)
  #wake: () => void = () => undefined

  constructor(socket: Socket, bounds: LineBounds) {
    this.#socket = socket
    this.#bounds = bounds
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.once('close', () => this.#wake())
  }

  /** The next line without its end; undefined when the socket has closed. One may be asked for at a time. */
  async next(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#socket.destroyed) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const line = this.#lines.shift()
    if (this.#lines.length < this.#bounds.waitingLines) this.#socket.resume()
    return line
  }

  #take(chunk: Buffer): void {
    const parts = splitLines(Buffer.concat([this.#rest, chunk]))
    this.#rest = parts.pop() ?? Buffer.alloc(0)
    if ([...parts, this.#rest].some((part) => part.length > this.#bounds.lineBytes)) {
      this.#socket.destroy()
      return
    }
    this.#lines.push(...parts.map((part) => part.toString('utf8').replace(/\r$/, '')))
    if (this.#lines.length >= this.#bounds.waitingLines) this.#socket.pause()
    this.#wake()
  }
}

/** The parts between line ends; the last one is not ended yet. */
function splitLines(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    parts.push(bytes.subarray(from, at))
    from = at + 1
  }
  parts.push(bytes.subarray(from))
  return parts
}
