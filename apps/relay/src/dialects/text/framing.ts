import type { Scheduler, Timer } from '@parley/service-kit'

/** Silence that ends a request without a line end. */
export const pauseMs = 50
/** The same for a request that may have come in several packets. */
export const longPauseMs = 500
/** A shorter one comes in one packet. */
const onePacketBytes = 500
/** The longest request: the longest text, all of it line ends as they are escaped, and two names. */
export const maxRequestBytes = 50 * 1024

const newline = 0x0a
const carriageReturn = 0x0d
/** `103|`. */
const openingBytes = 4

/**
 * The requests in what a client sends. A client that ends its first request with a line end is held
 * to lines. The seed's does not: what it writes at once, lines and all, is one request, and silence
 * ends it.
 */
export class Requests {
  readonly #scheduler: Scheduler
  readonly #ready: () => void
  #bytes: Buffer = Buffer.alloc(0)
  #framing: 'lines' | 'reads' | undefined
  // No line end lies before.
  #searched = 0
  #isSilent = false
  #isOver = false
  #silence: Timer | undefined
  #endsLines = false

  /** `ready` is called when silence has made a request of what is there. */
  constructor(scheduler: Scheduler, ready: () => void) {
    this.#scheduler = scheduler
    this.#ready = ready
  }

  /** Whether the client has ended a request with a line end, and reads lines, then. */
  get endsLines(): boolean {
    return this.#endsLines
  }

  /** Whether so much waits that no more may be read for now. */
  get isFull(): boolean {
    return this.#bytes.length > maxRequestBytes
  }

  /** Whether the client has said its last word and nothing is left of it. */
  get isDone(): boolean {
    return this.#isOver && this.#bytes.length === 0
  }

  /** Takes what was read. */
  push(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    this.#listen()
  }

  /** The client sends no more: what is there is its last request. */
  end(): void {
    this.#isOver = true
    this.close()
  }

  /** Waits for nothing any more. */
  close(): void {
    this.#silence?.cancel()
    this.#silence = undefined
  }

  /** The next request; undefined when there is none yet, `too long` when there never will be. */
  next(maxBytes = maxRequestBytes): Buffer | 'too long' | undefined {
    const length = this.#framing === 'reads' ? this.#readLength() : this.#lineLength()
    if ((length ?? this.#bytes.length) > maxBytes + 2) return 'too long'
    if (length === undefined) return undefined
    const request = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    this.#searched = 0
    this.#listen()
    return this.#withoutLineEnd(request)
  }

  #lineLength(): number | undefined {
    const at = this.#bytes.indexOf(newline, this.#searched)
    this.#searched = this.#bytes.length
    if (at >= 0) {
      this.#framing = 'lines'
      return at + 1
    }
    if (!this.#isSilent && !this.#isOver) return undefined
    this.#framing ??= 'reads'
    return this.#rest()
  }

  /** Two requests in one read: a line end and the beginning of a request stand between them. */
  #readLength(): number | undefined {
    let at = this.#bytes.indexOf(newline, this.#searched)
    while (at >= 0) {
      const following = this.#bytes.subarray(at + 1, at + 1 + openingBytes).toString('latin1')
      if (/^10[123]\|/.test(following)) return at + 1
      at = this.#bytes.indexOf(newline, at + 1)
    }
    this.#searched = Math.max(0, this.#bytes.length - openingBytes)
    return this.#isSilent || this.#isOver ? this.#rest() : undefined
  }

  #rest(): number | undefined {
    return this.#bytes.length === 0 ? undefined : this.#bytes.length
  }

  #withoutLineEnd(request: Buffer): Buffer {
    if (request.at(-1) !== newline) return request
    this.#endsLines = true
    return request.subarray(0, request.at(-2) === carriageReturn ? -2 : -1)
  }

  /** Begins to wait for silence, where that ends a request. */
  #listen(): void {
    this.close()
    this.#isSilent = false
    if (this.#bytes.length === 0 || this.#framing === 'lines' || this.#isOver) return
    const ms = this.#bytes.length < onePacketBytes ? pauseMs : longPauseMs
    this.#silence = this.#scheduler.setTimer(ms, () => {
      // It is not the client that is silent when nobody listens to it.
      if (this.isFull) return
      this.#isSilent = true
      this.#ready()
    })
  }
}
