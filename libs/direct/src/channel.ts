import type { Duplex } from 'node:stream'
import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import type { ChannelLimits } from './channel-limits.ts'
import { FrameReader, frameHead, maxFrameBytes } from './frame-reader.ts'
import type { HandshakeDone } from './handshake-over.ts'
import type { CipherState } from './noise/cipher-state.ts'
import { tagBytes } from './noise/cipher-state.ts'

const malformedWords = 'the other side sent what is no message'
const nothing = Buffer.alloc(0)
const isMessage = Buffer.from([0])
const isEnd = Buffer.from([1])

/** The most bytes of one message. */
export const maxMessageBytes = maxFrameBytes - tagBytes - isMessage.length

/** What a channel is made of. */
export interface Opened extends HandshakeDone {
  readonly localKey: Uint8Array
  readonly limits: ChannelLimits
  readonly scheduler: Scheduler
}

/** Messages between two sides whose keys are proven: whole, in order, unread by others, or the channel ends. */
export class Channel {
  readonly localKey: Uint8Array
  readonly remoteKey: Uint8Array
  /** What the other side told within its handshake. */
  readonly remoteHello: Uint8Array
  /** Equal on both sides of this channel, and of no other. */
  readonly binding: Uint8Array
  /** Resolves when the channel is over: to nothing when either side closed it, else to why it broke. */
  readonly ended: Promise<AppError | undefined>
  readonly #socket: Duplex
  readonly #limits: ChannelLimits
  readonly #scheduler: Scheduler
  readonly #send: CipherState
  readonly #receive: CipherState
  readonly #frames = new FrameReader()
  #listener: ((message: Uint8Array) => void) | undefined
  #paused = false
  #isOver = false
  #isClosing = false
  #tellEnded: (why: AppError | undefined) => void = () => undefined

  /** Made by `openChannel`. */
  constructor(socket: Duplex, opened: Opened) {
    this.localKey = opened.localKey
    this.remoteKey = opened.remoteKey
    this.remoteHello = opened.remoteHello
    this.binding = opened.binding
    this.#limits = opened.limits
    this.#scheduler = opened.scheduler
    this.#send = opened.send
    this.#receive = opened.receive
    this.#socket = socket
    this.ended = new Promise((resolve) => (this.#tellEnded = resolve))
    this.#frames.push(opened.rest)
    socket.on('error', (cause) => this.#lost(cause))
    socket.on('end', () => this.#lost()).on('close', () => this.#lost())
    if (socket.destroyed) this.#lost()
  }

  /** False as soon as nothing can be sent any more. */
  get isOpen(): boolean {
    return !this.#isOver && !this.#isClosing
  }

  /** Bytes that were sent but not taken by the system yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  /**
   * Sends one message of at most `maxMessageBytes`; false asks to wait for `drained()` before the
   * next. Throws `AppError`: (unavailable, CHANNEL_OVER), (too-large, MESSAGE_TOO_LARGE),
   * (exhausted, CHANNEL_FULL) when nobody waited, (exhausted, CHANNEL_SPENT) after 2^48 messages, which
   * closes the channel.
   */
  send(message: Uint8Array): boolean {
    if (!this.isOpen) throw new AppError('unavailable', 'CHANNEL_OVER', 'the channel is over')
    if (message.length > maxMessageBytes) {
      const words = `a message has at most ${maxMessageBytes} bytes`
      throw new AppError('too-large', 'MESSAGE_TOO_LARGE', words)
    }
    if (this.unsentBytes + message.length > this.#limits.unsentBytes) {
      throw new AppError('exhausted', 'CHANNEL_FULL', 'the other side does not take what is sent')
    }
    // The last number is kept for saying goodbye.
    if (this.#send.count >= this.#limits.messages - 1) throw this.#spent()
    this.#write(isMessage, message)
    return this.unsentBytes < this.#limits.enoughUnsentBytes
  }

  /** Resolves when the next message may be sent, also when the channel is over. */
  async drained(): Promise<void> {
    if (this.#isOver || !this.#socket.writableNeedDrain) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done)
        resolve()
      }
      this.#socket.on('drain', done).on('close', done)
    })
  }

  /** Tells every message from now on; nothing is read from the socket before. One listener, the last. */
  onMessage(listener: (message: Uint8Array) => void): void {
    const isFirst = this.#listener === undefined
    this.#listener = listener
    if (!isFirst) return
    this.#socket.on('data', (chunk: Buffer) => {
      this.#frames.push(chunk)
      this.#readFrames()
    })
    this.#scheduler.soon(() => this.#flow())
  }

  /** Reads no more until `resume`; the other side then has to wait. */
  pause(): void {
    if (!this.isOpen) return
    this.#paused = true
    this.#socket.pause()
  }

  /** Goes on reading. */
  resume(): void {
    this.#paused = false
    if (this.#listener) this.#scheduler.soon(() => this.#flow())
  }

  /** Tells the other side that this was all, and lets go once that has left, after 1 s at most. */
  async close(): Promise<void> {
    if (this.isOpen) {
      this.#isClosing = true
      this.#write(isEnd)
      this.#socket.end()
      this.#paused = false
      const timer = this.#scheduler.setTimer(this.#limits.closeMs, () => this.#end(undefined))
      // Reading on is how the end of the other side is noticed.
      this.#socket.resume()
      await this.ended
      timer.cancel()
    }
    await this.ended
  }

  #flow(): void {
    if (this.#paused || this.#isOver) return
    this.#readFrames()
    if (!this.#paused && !this.#isOver) this.#socket.resume()
  }

  #readFrames(): void {
    while (!this.#paused && !this.#isOver) {
      const frame = this.#frames.next()
      if (!frame) return
      const plain = this.#open(frame)
      if (!plain) return
      const kind = plain[0]
      if (kind === isEnd[0]) return this.#end(undefined)
      if (kind !== isMessage[0]) return this.#break('invalid', 'FRAME_MALFORMED', malformedWords)
      if (!this.#isClosing) this.#listener?.(plain.subarray(1))
    }
  }

  #open(frame: Uint8Array): Uint8Array | undefined {
    try {
      if (this.#receive.count >= this.#limits.messages) throw new Error('too many messages')
      const plain = this.#receive.decrypt(nothing, frame)
      this.#renew(this.#receive)
      return plain
    } catch (cause) {
      this.#break('unauthenticated', 'FRAME_FORGED', 'the other side did not send this', cause)
      return undefined
    }
  }

  #write(...plain: readonly Uint8Array[]): void {
    const sealed = this.#send.encrypt(nothing, ...plain)
    // Both in one packet, without a copy of what may be long.
    this.#socket.cork()
    this.#socket.write(frameHead(sealed.length))
    this.#socket.write(sealed)
    this.#socket.uncork()
    this.#renew(this.#send)
  }

  // Both sides count, so nobody has to say it.
  #renew(cipher: CipherState): void {
    if (cipher.count % this.#limits.messagesPerKey === 0) cipher.rekey()
  }

  #spent(): AppError {
    void this.close()
    return new AppError(
      'exhausted',
      'CHANNEL_SPENT',
      'a channel carries no more messages than this',
    )
  }

  #lost(cause?: Error): void {
    if (this.#isClosing) return this.#end(undefined)
    this.#break('unavailable', 'CHANNEL_CUT', 'the connection was lost', cause)
  }

  #break(kind: AppError['kind'], reason: string, message: string, cause?: unknown): void {
    this.#end(new AppError(kind, reason, message, cause === undefined ? {} : { cause }))
  }

  #end(why: AppError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.destroy()
    this.#send.destroy()
    this.#receive.destroy()
    this.#tellEnded(why)
  }
}
