import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Door, Servers } from '../servers/servers.ts'
import { sendHello } from './hello.ts'
import type { HelloParts } from './hello.ts'
import { ChatStream } from './stream.ts'

/** What a line is made of. */
export interface LineOptions {
  readonly servers: Servers
  /** Held for this line, which lets it go. */
  readonly door: Door
  readonly scheduler: Scheduler
  readonly hello: HelloParts
  /** The events of one frame, in order. */
  readonly onEvents: (line: Line, events: readonly chat.Event[]) => void
  /** Called once, also when there was no welcome in time, never after `close`. */
  readonly onEnd: (line: Line, error: AppError) => void
}

const helloLimitMs = 10_000

/** One stream to one server, from its hello to its end. */
export class Line {
  readonly door: Door
  readonly stream: ChatStream
  /** What it was opened or last renewed with. */
  token: string
  /** By the monotonic clock; undefined before its welcome. */
  welcomedAtMs: number | undefined
  readonly #options: LineOptions
  readonly #limit: Timer

  constructor(options: LineOptions) {
    const { door, scheduler, hello, onEvents, onEnd } = options
    this.#options = options
    this.door = door
    this.token = hello.accessToken
    this.stream = new ChatStream({
      door,
      scheduler,
      onEvents: (events) => onEvents(this, events),
      onEnd: (error) => onEnd(this, error),
    })
    sendHello(this.stream, hello)
    this.#limit = scheduler.setTimer(helloLimitMs, () => onEnd(this, noWelcome()))
  }

  /** How long it has been welcomed; 0 before. */
  get onlineMs(): number {
    if (this.welcomedAtMs === undefined) return 0
    return Math.max(1, this.#options.scheduler.monotonic() - this.welcomedAtMs)
  }

  welcomed(): void {
    this.#limit.cancel()
    this.welcomedAtMs = this.#options.scheduler.monotonic()
  }

  /** Hangs up. */
  close(): void {
    this.#limit.cancel()
    this.stream.cancel()
    this.#options.servers.letGo(this.door)
  }
}

/** True when a frame tells that the hello was taken. */
export function isWelcomed(events: readonly chat.Event[]): boolean {
  return events.some(({ event }) => event?.$case === 'welcome')
}

function noWelcome(): AppError {
  return new AppError('unavailable', 'NO_WELCOME', 'the server did not answer in time')
}
