import type { Socket } from 'node:net'
import { openChannel } from '@parley/direct'
import type { Channel, KeyPair } from '@parley/direct'
import type { chat } from '@parley/proto'
import { Backoff } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import { callFirst } from './call.ts'
import { Path } from './path.ts'

/** The device whose connection counts calls at once; the other only when nobody has come by then. */
const secondCallMs = 1_500
const baseRetryMs = 500
const maxRetryMs = 30_000
/** After so many calls in a row that nobody answers, the device's next offer is awaited. */
const maxCalls = 10

/** What a peer needs, and whom it tells. */
export interface PeerOptions {
  readonly me: KeyPair
  readonly purpose: string
  readonly scheduler: Scheduler
  /** This device has the lower id of the two. */
  readonly isLower: boolean
  readonly opened: (path: Path) => void
  readonly ended: (why: string) => void
  readonly text: (text: chat.DirectText) => void
}

/** One device of the other person: what the server says of it, and the path to it while there is one. */
export class Peer {
  path: Path | undefined
  signal: chat.DirectSignal
  readonly #options: PeerOptions
  readonly #backoff: Backoff
  #timer: Timer | undefined
  #isCalling = false
  #isOver = false

  constructor(signal: chat.DirectSignal, options: PeerOptions) {
    this.signal = signal
    this.#options = options
    this.#backoff = new Backoff(options.scheduler, { baseMs: baseRetryMs, capMs: maxRetryMs })
    this.#callSoon(0)
  }

  /** The device has offered again, perhaps from elsewhere. */
  offered(signal: chat.DirectSignal): void {
    const isSame = signal.publicKey.equals(this.signal.publicKey)
    this.signal = signal
    this.#backoff.reset()
    if (!isSame) this.path?.close()
    if (!this.path) this.#callSoon(0)
  }

  /** Takes a channel whose other side has proven this device's key. Of two the lower device's counts. */
  take(channel: Channel, byLower: boolean): void {
    if (this.#isOver || (this.path && this.path.byLower && !byLower)) return void channel.close()
    const { scheduler, text, opened } = this.#options
    const before = this.path
    const ended = (why: string) => this.#ended(path, why)
    const path: Path = new Path({ channel, scheduler, byLower, text, ended })
    this.path = path
    this.#timer?.cancel()
    this.#backoff.reset()
    before?.close()
    if (!before) opened(path)
  }

  /** Nothing goes to this device any more. */
  close(): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.path?.close()
  }

  #ended(path: Path, why: string): void {
    if (this.path !== path) return
    this.path = undefined
    this.#options.ended(why)
    if (!this.#isOver) this.#callSoon(this.#backoff.next())
  }

  #callSoon(delayMs: number): void {
    const { scheduler, isLower } = this.#options
    this.#timer?.cancel()
    if (this.#backoff.attempts > maxCalls) return
    const waitMs = delayMs + (isLower ? 0 : secondCallMs)
    this.#timer = scheduler.setTimer(waitMs, () => void this.#call())
  }

  async #call(): Promise<void> {
    if (this.#isCalling || this.path || this.#isOver) return
    this.#isCalling = true
    const isOver = () => this.#isOver || this.path !== undefined
    const socket = await callFirst(this.signal.candidates, this.#options.scheduler, isOver)
    const channel = socket && (await this.#open(socket))
    this.#isCalling = false
    if (channel) this.take(channel, this.#options.isLower)
    else if (!isOver()) this.#callSoon(this.#backoff.next())
  }

  async #open(socket: Socket): Promise<Channel | undefined> {
    const { me, purpose, scheduler } = this.#options
    const expect = this.signal.publicKey
    try {
      return await openChannel(socket, { me, role: 'initiator', purpose, expect, scheduler })
    } catch {
      // Somebody else listens there, or nobody any more.
      return undefined
    }
  }
}
