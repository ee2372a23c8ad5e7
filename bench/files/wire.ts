import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { AnswerReader } from './answer-reader.ts'
import type { WireAnswer } from './answer-reader.ts'

const readBufferBytes = 1 << 20

/** One request as it goes over the wire. */
export interface WireRequest {
  /** Request line and headers, with the empty line at their end. */
  readonly head: string
  readonly body?: Iterable<Buffer>
  /** The answer has no body, whatever length it tells. */
  readonly isHead?: boolean
  /** Sees the bytes of the answer's body; they are overwritten when it returns. */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined
}

/** One keep-alive HTTP/1.1 connection that costs the process that measures as little as can be. */
export class Wire {
  readonly #socket: Socket
  readonly #reader = new AnswerReader()
  #failure: Error | undefined
  #wake: (() => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', (error) => (this.#failure ??= error))
    socket.on('drain', () => this.#wake?.())
    socket.on('close', () => {
      this.#failure ??= new Error('the server hung up')
      this.#wake?.()
    })
  }

  /** Connects to `host:port`. */
  static connect(address: string): Promise<Wire> {
    const { hostname, port } = new URL(`http://${address}`)
    return new Promise((resolve, reject) => {
      let wire: Wire | undefined
      const buffer = Buffer.allocUnsafe(readBufferBytes)
      const callback = (count: number) => {
        wire?.take(buffer.subarray(0, count))
        return true
      }
      const socket = createConnection({
        host: hostname,
        port: Number(port),
        onread: { buffer, callback },
      })
      socket.once('error', reject)
      socket.once('connect', () => resolve((wire = new Wire(socket))))
    })
  }

  /** Sends a request and reads the answer to its end. */
  async exchange(request: WireRequest): Promise<WireAnswer> {
    const answer = this.#reader.expect(request.isHead, request.onBytes)
    this.#socket.write(request.head, 'latin1')
    for (const piece of request.body ?? []) await this.#send(piece)
    while (!answer.isWhole) await this.#event()
    return answer
  }

  /**
   * Sends a request that is not to be finished, until everything has left this process; the answer
   * has a status only when it came before its time.
   */
  async begin({ head, body = [] }: WireRequest, graceMs: number): Promise<WireAnswer> {
    const answer = this.#reader.expect()
    this.#socket.write(head, 'latin1')
    await sleep(graceMs)
    for (const piece of body) {
      if (answer.status > 0) return answer
      await this.#send(piece)
    }
    while (this.#socket.writableLength > 0) await this.#event()
    return answer
  }

  /** Hangs up at once. */
  cut(): void {
    this.#socket.destroy()
  }

  /** Takes what has come from the server. */
  take(bytes: Buffer): void {
    try {
      this.#reader.take(bytes)
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    this.#wake?.()
  }

  async #send(piece: Buffer): Promise<void> {
    if (this.#socket.write(piece)) return
    while (this.#socket.writableNeedDrain) await this.#event()
  }

  async #event(): Promise<void> {
    this.#throwFailure()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
    this.#throwFailure()
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure
  }
}
