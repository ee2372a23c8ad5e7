import { AppError, toAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { Backoff } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { ClientBuild } from '../api.ts'
import type { Tokens } from '../calls/tokens.ts'
import type { ConnectionState } from '../client-events.ts'
import type { Door, Servers } from '../servers/servers.ts'
import { afterLoss } from './after-loss.ts'
import { Heartbeat } from './heartbeat.ts'
import { kickedError } from './kicked-error.ts'
import { isWelcomed, Line } from './line.ts'
import { Move } from './move.ts'
import { OwnLines } from './own-lines.ts'
import { Renewal } from './renewal.ts'
import type { ChatStream } from './stream.ts'

/** What a link needs, and whom it tells. */
export interface LinkOptions {
  readonly servers: Servers
  readonly tokens: Tokens
  readonly scheduler: Scheduler
  readonly clientName: string
  readonly transient: boolean
  readonly build: ClientBuild | undefined
  readonly cursors: () => chat.Cursor[]
  readonly onWelcome: (welcome: chat.Welcome) => void
  /** The events of one frame, in order, after its Welcome if it has one. */
  readonly onEvents: (events: readonly chat.Event[]) => void
  readonly onThrottle: (pauseMs: number) => void
  /** The stream is gone; what was in flight is unanswered. */
  readonly onDown: () => void
  readonly onState: (state: ConnectionState) => void
}

const maxBackoffMs = 10_000
const maxThrottleMs = 60_000
const byeLimitMs = 500

/**
 * One stream at a time, always a new one when it is lost, until it is stopped for good. When its
 * server is about to go, the next one is there before the old one is left.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #backoff: Backoff
  readonly #heartbeat: Heartbeat
  readonly #renewal: Renewal
  readonly #move: Move
  readonly #own: OwnLines
  /** Of the attempt under way, until there is a line. */
  #door: Door | undefined
  #line: Line | undefined
  #timer: Timer | undefined
  #offlineSinceMs: number
  #renewedToken = false
  #token = ''
  #failures = 0
  #paused = false
  #stopped: AppError | undefined
  #left: (() => void) | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    const { scheduler, tokens, servers } = options
    this.#offlineSinceMs = scheduler.now()
    this.#own = new OwnLines(scheduler)
    this.#backoff = new Backoff(scheduler, { baseMs: 500, capMs: maxBackoffMs })
    this.#heartbeat = new Heartbeat({
      scheduler,
      ping: () => this.#line?.stream.push({ $case: 'ping', value: { nonce: scheduler.now() } }),
      dead: () => this.lose('HEARTBEAT_MISSED', 'the server has gone silent'),
    })
    this.#renewal = new Renewal({
      scheduler,
      tokens,
      renew: (accessToken) => this.#renewed(accessToken),
      over: (error) => this.stop(error),
    })
    this.#move = new Move({
      scheduler,
      servers,
      access: () => tokens.access(),
      open: (door, token) => this.#open(door, token),
    })
  }

  /** The stream, once it has been welcomed. */
  get stream(): ChatStream | undefined {
    return this.#line?.welcomedAtMs === undefined ? undefined : this.#line.stream
  }

  /** Why it was stopped, once it was. */
  get stopped(): AppError | undefined {
    return this.#stopped
  }

  /** Every server has failed since the last time there was a welcome. */
  get unreachable(): boolean {
    return this.#failures >= this.#options.servers.count
  }

  start(): void {
    void this.#connect()
  }

  /** Gives the stream up and connects again. */
  lose(reason: string, message: string): void {
    if (this.#line) this.#lost(new AppError('unavailable', reason, message))
  }

  /** Ends everything; nothing is connected again. */
  stop(why: AppError): void {
    if (this.#stopped) return
    this.#stopped = why
    this.#move.stop()
    this.#drop()
    this.#options.onDown()
    const { reason, message } = why
    this.#options.onState({ state: 'stopped', reason, message })
  }

  /** Says goodbye; resolves when the server has ended the stream, or after half a second. */
  leave(): Promise<void> {
    this.#move.stop()
    const { stream } = this
    if (!stream) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#options.scheduler.setTimer(byeLimitMs, resolve)
      this.#left = () => {
        timer.cancel()
        resolve()
      }
      stream.push({ $case: 'bye', value: {} })
      stream.end()
    })
  }

  /** Whether this side reads; a reader that cannot follow makes the server wait. */
  setPaused(paused: boolean): void {
    this.#paused = paused
    if (paused) this.stream?.pause()
    else this.stream?.resume()
  }

  async #connect(): Promise<void> {
    const { servers, tokens, onState } = this.#options
    this.#timer = undefined
    if (this.#stopped) return
    const door = servers.hold()
    this.#door = door
    onState({ state: 'connecting', server: door.server, attempt: this.#failures + 1 })
    try {
      this.#token = await tokens.access()
    } catch (error) {
      if (this.#door === door) this.#lost(toAppError(error), true)
      return
    }
    if (this.#stopped || this.#door !== door) return
    this.#door = undefined
    this.#line = this.#open(door, this.#token)
  }

  #open(door: Door, accessToken: string): Line {
    const { servers, scheduler, tokens, clientName, transient, build, cursors } = this.#options
    const { deviceId } = tokens.login()
    const line = new Line({
      servers,
      door,
      scheduler,
      hello: { accessToken, deviceId, clientName, transient, build, cursors: cursors() },
      onEvents: (line, events) => this.#take(line, events),
      onEnd: (line, error) => this.#ended(line, error),
    })
    return this.#own.opened(line)
  }

  #take(line: Line, events: readonly chat.Event[]): void {
    if (this.#move.next === line && isWelcomed(events)) this.#moveTo(line)
    if (this.#line !== line) return
    this.#heartbeat.heard()
    for (const { event } of events) {
      if (event?.$case === 'welcome') this.#welcomed(line, event.value)
      else if (event?.$case === 'throttle') this.#throttled(event.value.pauseMs)
    }
    this.#options.onEvents(events)
    for (const { event } of events) {
      if (this.#line !== line) return
      const { server } = line.door
      if (event?.$case === 'caughtUp') this.#options.onState({ state: 'caught-up', server })
      else if (event?.$case === 'goAway') this.#move.start(line, event.value.deadlineMs)
      else if (event?.$case === 'kicked') this.#kicked(event.value.reason)
    }
  }

  // What the old stream was still to answer is repeated on this one, under the same ids.
  #moveTo(line: Line): void {
    this.#move.taken()
    this.#drop()
    this.#options.onDown()
    this.#line = line
    this.#token = line.token
  }

  #welcomed(line: Line, welcome: chat.Welcome): void {
    const { onState, onWelcome } = this.#options
    line.welcomed()
    this.#failures = 0
    this.#renewedToken = false
    this.#heartbeat.start(welcome.heartbeatMs)
    this.#renewal.start(this.#token, welcome.tokenExpiresAtMs - welcome.serverTimeMs)
    if (this.#paused) line.stream.pause()
    onState({ state: 'online', server: line.door.server })
    onWelcome(welcome)
  }

  #renewed(accessToken: string): void {
    this.#token = accessToken
    this.#line?.stream.push({ $case: 'renew', value: { accessToken } })
  }

  #throttled(pauseMs: number): void {
    const boundedMs = Math.min(Math.max(0, pauseMs), maxThrottleMs)
    this.#heartbeat.excuse(boundedMs)
    this.#options.onThrottle(boundedMs)
  }

  #kicked(reason: string): void {
    const error = kickedError(reason)
    const { next } = this.#move
    // Who took over is the next stream of this very link, whose welcome is on its way.
    if (reason === 'REPLACED' && next) this.#moveTo(next)
    else if (reason === 'TOKEN_EXPIRED' || this.#own.mayCause(reason, this.#line)) this.#lost(error)
    else this.stop(error)
  }

  #ended(line: Line, error: AppError): void {
    if (line === this.#line) this.#lost(error)
    else if (line === this.#move.next) this.#move.failed(error)
    else line.close()
  }

  #lost(error: AppError, beforeStream = false): void {
    if (this.#stopped) return
    if (this.#left) return this.#left()
    const onlineMs = this.#line?.onlineMs ?? 0
    const next = this.#move.take()
    const renewedToken = this.#renewedToken || beforeStream
    const then = next ? undefined : afterLoss({ error, onlineMs, renewedToken })
    if (then?.act === 'stop') return this.stop(error)
    this.#drop(true)
    if (onlineMs > 0) this.#options.onDown()
    if (next) {
      this.#line = next
      this.#token = next.token
    }
    if (then?.act === 'renew') return void this.#renew()
    this.#retry(error, then)
  }

  #retry(error: AppError, then: { readonly fresh: boolean } | undefined): void {
    const { scheduler, onState } = this.#options
    this.#failures += 1
    if (then?.fresh === true) this.#backoff.reset()
    if (this.#failures === 1) this.#offlineSinceMs = scheduler.now()
    const isNow = then === undefined || then.fresh
    const retryInMs = isNow ? 0 : Math.max(this.#backoff.next(), error.retryAfterMs ?? 0)
    const { reason, message } = error
    if (then) this.#timer = scheduler.setTimer(retryInMs, () => void this.#connect())
    onState({ state: 'offline', sinceMs: this.#offlineSinceMs, retryInMs, reason, message })
  }

  async #renew(): Promise<void> {
    try {
      this.#renewedToken = true
      await this.#options.tokens.renewed(this.#token)
    } catch (error) {
      return this.#lost(toAppError(error), true)
    }
    if (!this.#stopped) await this.#connect()
  }

  #drop(hasFailed = false): void {
    const { servers } = this.#options
    const door = this.#line?.door ?? this.#door
    this.#timer?.cancel()
    this.#timer = undefined
    this.#heartbeat.stop()
    this.#renewal.stop()
    if (hasFailed && door) servers.failed(door)
    if (this.#line) this.#line.close()
    else if (this.#door) servers.letGo(this.#door)
    this.#line = undefined
    this.#door = undefined
  }
}
