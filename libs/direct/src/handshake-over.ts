import type { Duplex } from 'node:stream'
import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import { FrameReader, framed } from './frame-reader.ts'
import { Handshake } from './noise/handshake.ts'
import type { Agreed, HandshakeStart } from './noise/handshake.ts'

/** The most bytes that one side tells in its handshake. */
export const maxHelloBytes = 1_024

// Two keys, two tags and the hello; the first message has one key alone.
const maxHandshakeBytes = 32 + 48 + 16 + maxHelloBytes
const firstBytes = 32

/** What a handshake needs besides a socket. */
export interface HandshakeTerms extends HandshakeStart {
  /** Told to the other side, which can be sure that it is this key's. */
  readonly hello: Uint8Array
  /** Is this the key, or one of the keys, that the other side may have? */
  readonly mayBe: (remoteKey: Uint8Array) => boolean
  readonly limitMs: number
  readonly scheduler: Scheduler
}

/** A handshake that is over. */
export interface HandshakeDone extends Agreed {
  readonly remoteHello: Uint8Array
  /** What came after it on the same socket. */
  readonly rest: Buffer
}

/**
 * Carries a handshake over a socket, which is left paused; on failure the socket is destroyed and
 * `AppError` says why: HANDSHAKE_LATE, HANDSHAKE_CUT, HANDSHAKE_WRONG, KEY_UNEXPECTED.
 */
export function handshakeOver(socket: Duplex, terms: HandshakeTerms): Promise<HandshakeDone> {
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(socket, terms)
    const late = () => end(failure('deadline', 'HANDSHAKE_LATE', 'the other side took too long'))
    const cut = (cause?: Error) =>
      end(failure('unavailable', 'HANDSHAKE_CUT', 'the connection was lost too early', cause))
    const timer = terms.scheduler.setTimer(terms.limitMs, late)
    const onEnd = () => cut()
    const onData = (chunk: Buffer) => {
      try {
        const done = exchange.take(chunk)
        if (done) end(done)
      } catch (error) {
        end(error instanceof AppError ? error : wrong(error))
      }
    }
    function end(outcome: HandshakeDone | AppError) {
      timer.cancel()
      socket.pause()
      socket.off('data', onData).off('end', onEnd).off('close', onEnd)
      // Whoever gets the socket asks whether it is destroyed; until then an error must hit somebody.
      socket.off('error', cut).on('error', () => undefined)
      if (!(outcome instanceof AppError)) return resolve(outcome)
      socket.destroy()
      reject(outcome)
    }
    if (socket.destroyed) return cut()
    socket.on('error', cut).on('close', onEnd).on('end', onEnd).on('data', onData)
    exchange.begin()
  })
}

// Who says what when: message 1 has no words, 2 those of the responder, 3 those of the initiator.
class Exchange {
  readonly #socket: Duplex
  readonly #terms: HandshakeTerms
  readonly #handshake: Handshake
  readonly #frames = new FrameReader()
  #isFirst = true

  constructor(socket: Duplex, terms: HandshakeTerms) {
    this.#socket = socket
    this.#terms = terms
    this.#handshake = new Handshake(terms)
  }

  begin(): void {
    if (this.#terms.role === 'initiator') this.#write(Buffer.alloc(0))
  }

  take(chunk: Buffer): HandshakeDone | undefined {
    this.#frames.push(chunk)
    for (;;) {
      this.#checkLength()
      const frame = this.#frames.next()
      if (!frame) return undefined
      const hello = this.#handshake.read(frame)
      const isResponders = this.#terms.role === 'responder' && this.#isFirst
      this.#isFirst = false
      if (isResponders) this.#write(this.#terms.hello)
      else return this.#finish(hello)
    }
  }

  // Our own words, and who we are, go only to whom we expect.
  #finish(remoteHello: Uint8Array): HandshakeDone {
    const { role, mayBe, hello } = this.#terms
    const { remoteKey } = this.#handshake
    if (!remoteKey || !mayBe(remoteKey)) {
      throw failure('forbidden', 'KEY_UNEXPECTED', 'the other side has another key')
    }
    if (role === 'initiator') this.#write(hello)
    return { ...this.#handshake.finish(), remoteHello, rest: this.#frames.takeRest() }
  }

  #checkLength(): void {
    const bytes = this.#frames.nextBytes
    if (bytes === undefined) return
    const isOpening = this.#terms.role === 'responder' && this.#isFirst
    const fits = isOpening ? bytes === firstBytes : bytes >= 64 && bytes <= maxHandshakeBytes
    if (!fits) throw wrong()
  }

  #write(words: Uint8Array): void {
    this.#socket.write(framed(this.#handshake.write(words)))
  }
}

function wrong(cause?: unknown): AppError {
  return failure('unauthenticated', 'HANDSHAKE_WRONG', 'the other side is not genuine', cause)
}

function failure(kind: AppError['kind'], reason: string, message: string, cause?: unknown) {
  return new AppError(kind, reason, message, cause === undefined ? {} : { cause })
}
