import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Scheduler, Timer } from '@parley/service-kit'

/** How long a connection may take until a request is there: its head, and then its body. */
const requestMs = 10_000
/** How long a whole request may take until its answer has left. */
const answerMs = 40_000
/** How long a connection may be silent between two requests. */
const idleMs = 20_000
/** Requests of one connection that wait for their answers. */
const maxUnderway = 8

/**
 * The time of one HTTP connection. A server that does not listen itself keeps none of Node's own
 * limits, so each phase has its own here, and who is late is cut off.
 */
export class WebConnection {
  readonly #socket: Socket
  readonly #scheduler: Scheduler
  readonly #underway = new Set<ServerResponse>()
  #late: Timer
  /** How much had been read when the last answer had left; undefined before the first. */
  #readWhenIdle: number | undefined
  #leaves = false
  #isReleased = false

  constructor(socket: Socket, scheduler: Scheduler) {
    this.#socket = socket
    this.#scheduler = scheduler
    this.#late = this.#cutAfter(requestMs)
    socket.once('close', () => this.#late.cancel())
  }

  /** The head of a request is there; false when too many wait already. */
  begins(response: ServerResponse): boolean {
    if (this.#underway.size >= maxUnderway) return false
    this.#underway.add(response)
    response.once('close', () => this.#answered(response))
    this.#limit(requestMs)
    return true
  }

  /** The whole request is there. */
  asked(): void {
    if (this.#underway.size > 0) this.#limit(answerMs)
  }

  /** From now on somebody else watches over it. */
  release(): void {
    this.#isReleased = true
    this.#late.cancel()
  }

  /** Ends with the answers that are under way; at once when it only waits for another request. */
  drain(): void {
    this.#leaves = true
    for (const response of this.#underway) {
      if (!response.headersSent) response.setHeader('Connection', 'close')
    }
    if (this.#socket.bytesRead === this.#readWhenIdle) this.#socket.destroy()
  }

  #answered(response: ServerResponse): void {
    this.#underway.delete(response)
    if (this.#underway.size > 0 || this.#socket.destroyed) return
    this.#readWhenIdle = this.#socket.bytesRead
    this.#limit(idleMs)
    // Its head had left before the relay began to stop.
    if (this.#leaves) this.#socket.end()
  }

  #limit(ms: number): void {
    if (this.#isReleased) return
    this.#late.cancel()
    this.#late = this.#cutAfter(ms)
  }

  #cutAfter(ms: number): Timer {
    return this.#scheduler.setTimer(ms, () => this.#socket.destroy())
  }
}
