import type { RemoteInfo, Socket } from 'node:dgram'
import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import { tagBytes } from '../noise/cipher-state.ts'
import type { Agreed } from '../noise/handshake.ts'
import { maxDatagramBytes, parseDatagram, plainDatagram, sealedDatagram } from './datagrams.ts'
import type { Datagram } from './datagrams.ts'
import type { HandshakingTerms } from './handshaking.ts'
import { Meeting } from './meeting.ts'
import type { Endpoint } from './meeting.ts'
import { ReplayWindow } from './replay-window.ts'
import { sendDatagram } from './send-datagram.ts'

/** How a path is opened. */
export interface PathOptions extends Omit<HandshakingTerms, 'prologue'> {
  /** Bound; who opened it closes it, after the path. Others may use it, too: sessions are told apart. */
  readonly socket: Socket
  /** Where the other side may be reached, the likeliest first; 16 at most are tried. */
  readonly candidates: readonly Endpoint[]
  /** 16 secret bytes that both sides were given for this attempt alone. */
  readonly session: Uint8Array
  readonly purpose: string
  readonly limits?: Partial<PathLimits>
  readonly scheduler?: Scheduler
  /** Gives the search up; a path that was found is closed. */
  readonly signal?: AbortSignal
}

/** The bounds of a path. */
export interface PathLimits {
  readonly openMs: number
  readonly knockMs: number
  readonly pingMs: number
  /** A path of which nothing was heard for so long is over. */
  readonly silentMs: number
}

/** The bounds unless told. */
export const defaultPathLimits: PathLimits = {
  openMs: 3_000,
  knockMs: 150,
  pingMs: 1_000,
  silentMs: 3_000,
}

const overheadBytes = 1 + 16 + 8 + tagBytes + 1
/** The most bytes of one message of a path. */
export const maxPathMessageBytes = maxDatagramBytes - overheadBytes

const sealedKinds = { message: 0, ping: 1, pong: 2, end: 3 } as const
const nothing = Buffer.alloc(0)

/**
 * Opens a way to the other side over UDP, through NATs that let in whom one has written to: both sides knock at all
 * candidates at once, and the first address that answers is shaken hands with (Noise XX). Throws `AppError`
 * (deadline, PATH_NOT_FOUND) and (unavailable, PATH_CUT).
 */
export function openPath(options: PathOptions): Promise<DatagramPath> {
  return new Promise((resolve, reject) => {
    const path = new DatagramPath(options, {
      opened: () => resolve(path),
      failed: reject,
    })
  })
}

/**
 * Messages between two sides whose keys are proven. Each arrives once or not at all, in any order: whoever
 * uses a path has another way to make up for what is lost.
 */
export class DatagramPath {
  /** Resolves when the path is over: to nothing when either side closed it, else to why. */
  readonly ended: Promise<AppError | undefined>
  readonly #options: PathOptions
  readonly #limits: PathLimits
  readonly #scheduler: Scheduler
  readonly #meeting: Meeting
  readonly #window = new ReplayWindow()
  readonly #opening: { opened(): void; failed(error: AppError): void }
  #deadline: Timer | undefined
  #pinging: Timer | undefined
  #remote: Endpoint | undefined
  #agreed: Agreed | undefined
  #sent = 0
  #heardAtMs = 0
  #pingedAtMs = 0
  #rttMs: number | undefined
  #isOver = false
  #listener: (message: Uint8Array) => void = () => undefined
  #tellEnded: (why: AppError | undefined) => void = () => undefined

  readonly #receive = (bytes: Buffer, { address, port }: RemoteInfo): void => {
    // Nobody is at port 0, whatever a datagram says.
    if (this.#isOver || port === 0) return
    const datagram = parseDatagram(bytes, this.#options.session)
    if (datagram?.kind === 'sealed') this.#open(datagram)
    else if (datagram !== undefined) this.#meeting.take(datagram, { address, port })
  }

  readonly #lost = (): void => this.#end(lost())
  readonly #givenUp = (): void => this.close()

  /** Made by `openPath`. */
  constructor(options: PathOptions, opening: { opened(): void; failed(error: AppError): void }) {
    const { socket, session, purpose, signal, scheduler = systemScheduler } = options
    this.#options = options
    this.#opening = opening
    this.#limits = { ...defaultPathLimits, ...options.limits }
    this.#scheduler = scheduler
    const prologue = Buffer.concat([Buffer.from(`parley path 1\0${purpose}\0`), session])
    this.ended = new Promise((resolve) => (this.#tellEnded = resolve))
    socket.on('message', this.#receive).on('error', this.#lost).on('close', this.#lost)
    this.#deadline = scheduler.setTimer(this.#limits.openMs, () => this.#end(notFound()))
    this.#meeting = new Meeting({
      ...options,
      prologue,
      scheduler,
      knockMs: this.#limits.knockMs,
      say: (kind, body, to) => this.#write(plainDatagram(kind, session, body), to),
      met: (agreed, at) => this.#begin(agreed, at),
    })
    signal?.addEventListener('abort', this.#givenUp)
    if (signal?.aborted === true) this.#givenUp()
  }

  get isOpen(): boolean {
    return this.#agreed !== undefined && !this.#isOver
  }

  /** Where the other side is. */
  get remote(): Endpoint | undefined {
    return this.#remote
  }

  /** How long the last ping took to come back, in milliseconds. */
  get rttMs(): number | undefined {
    return this.#rttMs
  }

  /** The key that the other side has proven to have. */
  get remoteKey(): Uint8Array {
    return this.#options.expect
  }

  /** Equal on both sides of this path, and of no other. */
  get binding(): Uint8Array | undefined {
    return this.#agreed?.binding
  }

  /** Hears every message from now on. */
  onMessage(listener: (message: Uint8Array) => void): void {
    this.#listener = listener
  }

  /** Sends one message of at most `maxPathMessageBytes`, without any promise; false when the path is over. */
  send(message: Uint8Array): boolean {
    if (message.length > maxPathMessageBytes) {
      const words = `a message of a path has at most ${maxPathMessageBytes} bytes`
      throw new AppError('too-large', 'MESSAGE_TOO_LARGE', words)
    }
    if (!this.isOpen) return false
    this.#seal(sealedKinds.message, message)
    return true
  }

  /** Tells the other side, and ends the path. */
  close(): void {
    if (this.isOpen) this.#seal(sealedKinds.end, nothing)
    this.#end(undefined)
  }

  #begin(agreed: Agreed, at: Endpoint): void {
    this.#agreed = agreed
    this.#remote = at
    this.#deadline?.cancel()
    this.#heardAtMs = this.#scheduler.monotonic()
    this.#pingedAtMs = this.#heardAtMs
    this.#pinging = this.#scheduler.every(this.#limits.pingMs, () => this.#ping())
    this.#ping()
    this.#opening.opened()
  }

  #ping(): void {
    const nowMs = this.#scheduler.monotonic()
    // A side that has stood still itself hears first what came meanwhile.
    const wasHeldUp = nowMs - this.#pingedAtMs > 2 * this.#limits.pingMs
    this.#pingedAtMs = nowMs
    if (!wasHeldUp && nowMs - this.#heardAtMs > this.#limits.silentMs) return this.#end(silent())
    const body = Buffer.alloc(8)
    body.writeDoubleBE(nowMs)
    this.#seal(sealedKinds.ping, body)
  }

  #open({ number, body }: Datagram): void {
    const { receive } = this.#agreed ?? {}
    if (receive === undefined || !this.#window.mayBe(number)) return
    let plain: Buffer
    try {
      plain = receive.decryptAs(number, nothing, body)
    } catch {
      return
    }
    this.#window.note(number)
    this.#heardAtMs = this.#scheduler.monotonic()
    this.#take(plain[0], plain.subarray(1))
  }

  #take(kind: number | undefined, body: Buffer): void {
    if (kind === sealedKinds.message) this.#listener(body)
    else if (kind === sealedKinds.ping) this.#seal(sealedKinds.pong, body)
    else if (kind === sealedKinds.end) this.#end(undefined)
    else if (kind === sealedKinds.pong && body.length === 8) {
      this.#rttMs = Math.max(0, this.#scheduler.monotonic() - body.readDoubleBE())
    }
  }

  #seal(kind: number, body: Uint8Array): void {
    if (this.#agreed === undefined || this.#remote === undefined || this.#isOver) return
    const number = this.#sent
    this.#sent += 1
    const plain = Buffer.concat([Buffer.from([kind]), body])
    const sealed = this.#agreed.send.encryptAs(number, nothing, plain)
    this.#write(sealedDatagram(this.#options.session, number, sealed), this.#remote)
  }

  #write(bytes: Buffer, to: Endpoint): void {
    sendDatagram(this.#options.socket, bytes, to)
  }

  #end(why: AppError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#meeting.close()
    this.#deadline?.cancel()
    this.#pinging?.cancel()
    const { socket, signal } = this.#options
    signal?.removeEventListener('abort', this.#givenUp)
    socket.off('message', this.#receive).off('error', this.#lost).off('close', this.#lost)
    if (this.#agreed === undefined) this.#opening.failed(why ?? notFound())
    // What was written is on its way when the next turn comes: only then may the socket be closed.
    this.#scheduler.soon(() => this.#tellEnded(why))
  }
}

function notFound(): AppError {
  return new AppError('deadline', 'PATH_NOT_FOUND', 'no direct way to the other side was found')
}

function silent(): AppError {
  return new AppError('unavailable', 'PATH_SILENT', 'nothing is heard of the other side')
}

function lost(): AppError {
  return new AppError('unavailable', 'PATH_CUT', 'the socket has failed')
}
