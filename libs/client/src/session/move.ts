import type { AppError } from '@parley/errors'
import { toAppError } from '@parley/errors'
import { Backoff } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Door, Servers } from '../servers/servers.ts'
import type { Line } from './line.ts'

/** What a move needs. */
export interface MoveOptions {
  readonly scheduler: Scheduler
  readonly servers: Servers
  /** A token to say hello with. */
  readonly access: () => Promise<string>
  /** Opens a line by a door that is held for it. */
  readonly open: (door: Door, token: string) => Line
}

/** Clients that were told to go spread over so long at most. */
const maxLeaveMs = 2_000
const maxBackoffMs = 2_000

/**
 * Looks for the next server while the line to the one that is about to go still works: opens
 * lines, one after the other, until one is welcomed or the old one is lost.
 */
export class Move {
  readonly #options: MoveOptions
  readonly #backoff: Backoff
  #from: Line | undefined
  #next: Line | undefined
  #timer: Timer | undefined

  constructor(options: MoveOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.scheduler, { baseMs: 100, capMs: maxBackoffMs })
  }

  /** The line that is being tried. */
  get next(): Line | undefined {
    return this.#next
  }

  /** The server will be gone after so long. */
  start(from: Line, deadlineMs: number): void {
    if (this.#from) return
    const { scheduler } = this.#options
    this.#from = from
    this.#backoff.reset()
    // Spread over a while, so that a relay's clients do not reach the next one in one instant.
    const waitMs = scheduler.random() * Math.min(maxLeaveMs, Math.max(0, deadlineMs) / 2)
    this.#timer = scheduler.setTimer(waitMs, () => void this.#try(from))
  }

  /** Hands over the line that is being tried, if any, and looks no further. */
  take(): Line | undefined {
    const next = this.#next
    this.taken()
    return next
  }

  /** The line that was tried is the one in use now. */
  taken(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#from = undefined
    this.#next = undefined
  }

  /** The line that was tried is over. */
  failed(error: AppError): void {
    const from = this.#from
    if (!this.#next || !from) return
    this.#options.servers.failed(this.#next.door)
    this.#next.close()
    this.#next = undefined
    this.#tryLater(from, error)
  }

  stop(): void {
    this.take()?.close()
  }

  async #try(from: Line): Promise<void> {
    const { servers, access, open } = this.#options
    // Unary calls go elsewhere, too.
    servers.failed(from.door)
    const door = servers.hold()
    try {
      const token = await access()
      if (this.#from === from) this.#next = open(door, token)
      else servers.letGo(door)
    } catch (error) {
      servers.letGo(door)
      if (this.#from === from) this.#tryLater(from, toAppError(error))
    }
  }

  #tryLater(from: Line, error: AppError): void {
    const waitMs = Math.max(this.#backoff.next(), error.retryAfterMs ?? 0)
    this.#timer = this.#options.scheduler.setTimer(waitMs, () => void this.#try(from))
  }
}
