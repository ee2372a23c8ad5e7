import type { Socket } from 'node:net'
import { systemScheduler } from '@parley/service-kit'
import type { Timer } from '@parley/service-kit'
import type { Fault } from './fault.ts'

/** Bytes that wait in one direction of a connection; over it nothing more is read. */
export const maxWaitingBytes = 256 * 1024

interface Piece {
  readonly bytes: Buffer
  readonly dueMs: number
}

/** One direction of a connection, with whatever is wrong with it. */
export class Pipe {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #reset: () => void
  #fault: Fault
  readonly #waiting: Piece[] = []
  #waitingBytes = 0
  /** Since the fault was set. */
  #passedBytes = 0
  #isWriting = false
  #isEnded = false
  #hasLost = false
  #timer: Timer | undefined

  /** `reset` ends the connection on both sides. */
  constructor(source: Socket, sink: Socket, fault: Fault, reset: () => void) {
    this.#source = source
    this.#sink = sink
    this.#fault = fault
    this.#reset = reset
    source.on('data', (bytes: Buffer) => this.#take(bytes))
    source.on('end', () => this.#end())
  }

  /** Bytes that were taken and not passed on yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Whether something was swallowed: what follows can never be passed on. */
  get hasLost(): boolean {
    return this.#hasLost
  }

  /** Whether the receiver is not to hear of the sender's end. */
  get keepsSilent(): boolean {
    return this.#fault.halfOpen === true || this.#hasLost
  }

  /** Takes another fault; byte counts begin anew. */
  set fault(fault: Fault) {
    this.#fault = fault
    this.#passedBytes = 0
    this.#pump()
  }

  /** The sender is gone without the receiver being told. */
  lose(): void {
    this.#hasLost = true
    this.#drop()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#drop()
  }

  #take(bytes: Buffer): void {
    if (this.#hasLost) return
    const dueMs = systemScheduler.monotonic() + (this.#fault.latencyMs ?? 0)
    this.#waiting.push({ bytes, dueMs })
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= maxWaitingBytes) this.#source.pause()
    this.#pump()
  }

  #end(): void {
    this.#isEnded = true
    this.#pump()
  }

  #pump(): void {
    if (this.#isWriting || this.#hasLost) return
    const { stalled = false } = this.#fault
    if (stalled) return void this.#source.pause()
    const [first] = this.#waiting
    if (first === undefined) this.#idle()
    else if (!this.#waitsFor(first)) this.#pass(first)
  }

  #idle(): void {
    this.#source.resume()
    if (!this.#isEnded) return
    if (this.#fault.halfOpen === true) this.#hasLost = true
    else this.#sink.end()
  }

  #waitsFor({ dueMs }: Piece): boolean {
    const waitMs = dueMs - systemScheduler.monotonic()
    if (waitMs <= 0) return false
    this.#timer?.cancel()
    this.#timer = systemScheduler.setTimer(Math.ceil(waitMs), () => this.#pump())
    return true
  }

  #pass({ bytes, dueMs }: Piece): void {
    const { sliceBytes = bytes.length, blackholeAfterBytes, resetAfterBytes } = this.#fault
    const leftBytes = (blackholeAfterBytes ?? resetAfterBytes ?? Infinity) - this.#passedBytes
    if (leftBytes <= 0) {
      if (blackholeAfterBytes === undefined) this.#reset()
      else this.lose()
      return
    }
    const slice = bytes.subarray(0, Math.min(sliceBytes, leftBytes))
    const rest = bytes.subarray(slice.length)
    this.#waiting.shift()
    if (rest.length > 0) this.#waiting.unshift({ bytes: rest, dueMs })
    this.#write(slice)
  }

  #write(slice: Buffer): void {
    this.#isWriting = true
    this.#passedBytes += slice.length
    this.#sink.write(slice, () => {
      // A turn between slices, so that the receiver may find each by itself.
      if (this.#fault.sliceBytes === undefined) this.#written(slice)
      else setImmediate(() => this.#written(slice))
    })
  }

  #written(slice: Buffer): void {
    this.#isWriting = false
    this.#waitingBytes = Math.max(0, this.#waitingBytes - slice.length)
    if (this.#waitingBytes < maxWaitingBytes / 2) this.#source.resume()
    this.#pump()
  }

  #drop(): void {
    this.#waiting.length = 0
    this.#waitingBytes = 0
    // What is swallowed is still taken: the sender's end is to be noticed.
    this.#source.resume()
  }
}
