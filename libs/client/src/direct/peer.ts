import type { Socket } from 'node:net'
import { openChannel } from '@parley/direct'
import type { Channel, DatagramPath, KeyPair } from '@parley/direct'
import type { chat } from '@parley/proto'
import { Backoff } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import { callFirst } from './call.ts'
import type { ReadPiece } from './files/file-answers.ts'
import { knock } from './knock.ts'
import { Path } from './path.ts'
import type { PathOptions } from './path.ts'
import type { UdpFront } from './udp-front.ts'

/** The device whose connection counts calls at once; the other only when nobody has come by then. */
const secondCallMs = 1_500
const baseRetryMs = 500
const maxRetryMs = 30_000
/** After so many calls in a row that nobody answers, the device's next offer is awaited. */
const maxCalls = 10
/** Where a call gets through at once, nobody knocks; both sides begin at about the same time. */
const knockAfterMs = 700
/** What comes along a path that another takes the place of is still heard for so long. */
const lingerMs = 1_000

/** What a peer needs, and whom it tells. */
export interface PeerOptions {
  readonly me: KeyPair
  readonly purpose: string
  readonly scheduler: Scheduler
  /** This device has the lower id of the two. */
  readonly isLower: boolean
  /** For paths over UDP, if there are any. */
  readonly front: () => UdpFront | undefined
  readonly opened: (path: Path) => void
  readonly ended: (why: string) => void
  readonly text: (text: chat.DirectText) => void
  readonly read: ReadPiece
}

/** One device of the other person: what the server says of it, and the path to it while there is one. */
export class Peer {
  path: Path | undefined
  signal: chat.DirectSignal
  readonly #options: PeerOptions
  readonly #backoff: Backoff
  #timer: Timer | undefined
  #knockTimer: Timer | undefined
  /** The path goes over UDP: one over TCP takes its place. */
  #isByUdp = false
  #isCalling = false
  /** Ends the knocking that goes on. */
  #knocking: AbortController | undefined
  /** An offer has come while this device was knocking: the other begins only now. */
  #mustKnockAgain = false
  #isOver = false

  constructor(signal: chat.DirectSignal, options: PeerOptions) {
    this.signal = signal
    this.#options = options
    this.#backoff = new Backoff(options.scheduler, { baseMs: baseRetryMs, capMs: maxRetryMs })
    this.#callSoon(0)
    this.#knockSoon()
  }

  /** The device has offered again, perhaps from elsewhere. */
  offered(signal: chat.DirectSignal): void {
    const isSame = signal.publicKey.equals(this.signal.publicKey)
    // What goes on elsewhere, or with another key, leads to nobody any more.
    if (!this.path && !isSamePlace(signal, this.signal)) this.#stopKnocking()
    this.signal = signal
    this.#backoff.reset()
    if (!isSame) this.path?.close()
    if (!this.#isSettled) this.#callSoon(0)
    if (!this.path) this.#knockSoon()
  }

  /** Takes a channel whose other side has proven this device's key. Of two the lower device's counts. */
  take(channel: Channel, byLower: boolean): void {
    const isBetter = !this.path || this.#isByUdp || !this.path.byLower || byLower
    const isThis = this.signal.publicKey.equals(channel.remoteKey)
    if (this.#isOver || !isThis || !isBetter) return void channel.close()
    const { scheduler, opened } = this.#options
    const [before, wasByUdp] = [this.path, this.#isByUdp]
    this.#isByUdp = false
    this.#stopKnocking()
    const path = this.#begin({ channel, byLower })
    // The other side may not have come so far yet, and still says something there.
    if (before && wasByUdp) scheduler.setTimer(lingerMs, () => before.close())
    else before?.close()
    if (!before) opened(path)
  }

  /** Nothing goes to this device any more. */
  close(): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.#knockTimer?.cancel()
    this.path?.close()
    this.#stopKnocking()
  }

  /** There is no better path to look for. */
  get #isSettled(): boolean {
    return this.path !== undefined && !this.#isByUdp
  }

  #begin({ channel, byLower }: Pick<PathOptions, 'channel' | 'byLower'>): Path {
    const { scheduler, text, read } = this.#options
    const ended = (why: string) => this.#ended(path, why)
    const path: Path = new Path({ channel, scheduler, byLower, text, read, ended })
    this.path = path
    this.#timer?.cancel()
    this.#backoff.reset()
    return path
  }

  #ended(path: Path, why: string): void {
    if (this.path !== path) return
    this.path = undefined
    this.#options.ended(why)
    if (this.#isOver) return
    this.#callSoon(this.#backoff.next())
    this.#knockSoon()
  }

  #callSoon(delayMs: number): void {
    const { scheduler, isLower } = this.#options
    this.#timer?.cancel()
    if (this.#backoff.attempts > maxCalls) return
    const waitMs = delayMs + (isLower ? 0 : secondCallMs)
    this.#timer = scheduler.setTimer(waitMs, () => void this.#call())
  }

  async #call(): Promise<void> {
    if (this.#isCalling || this.#isSettled || this.#isOver) return
    this.#isCalling = true
    const isOver = () => this.#isOver || this.#isSettled
    const socket = await callFirst(this.signal.candidates, this.#options.scheduler, isOver)
    const channel = socket && (await this.#open(socket))
    this.#isCalling = false
    if (channel) this.take(channel, this.#options.isLower)
    // Also when the device has come with another key meanwhile.
    if (!isOver()) this.#callSoon(this.#backoff.next())
  }

  #knockSoon(): void {
    this.#knockTimer?.cancel()
    this.#knockTimer = this.#options.scheduler.setTimer(knockAfterMs, () => void this.#knock())
  }

  async #knock(): Promise<void> {
    const front = this.#options.front()
    if (this.path || this.#isOver || front === undefined) return
    this.#mustKnockAgain = this.#knocking !== undefined
    if (this.#knocking) return
    const knocking = new AbortController()
    this.#knocking = knocking
    const { signal: abort } = knocking
    const found = await knock({ ...this.#options, front, signal: this.signal, abort })
    // Found in the very moment in which it was given up.
    if (abort.aborted) return found?.close()
    this.#knocking = undefined
    if (found) this.#takeDatagrams(found)
    else if (this.#mustKnockAgain) void this.#knock()
  }

  #stopKnocking(): void {
    this.#knocking?.abort()
    this.#knocking = undefined
  }

  #takeDatagrams(channel: DatagramPath): void {
    if (this.#isOver || this.path) return channel.close()
    this.#isByUdp = true
    this.#options.opened(this.#begin({ channel, byLower: true }))
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

function isSamePlace(one: chat.DirectSignal, other: chat.DirectSignal): boolean {
  const at = ({ candidates }: chat.DirectSignal) => {
    return candidates.map(({ transport, address, port }) => [transport, port, ...address].join())
  }
  return one.publicKey.equals(other.publicKey) && at(one).join(';') === at(other).join(';')
}
