import { AppError, toAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { Backoff } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Tokens } from '../calls/tokens.ts'
import type { ConnectionState } from '../client-events.ts'
import type { Door, Servers } from '../servers/servers.ts'
import { afterLoss } from './after-loss.ts'
import { Heartbeat } from './heartbeat.ts'
import { sendHello } from './hello.ts'
import { Renewal } from './renewal.ts'
import { ChatStream } from './stream.ts'

/** What a link needs, and whom it tells. */
export interface LinkOptions {
  readonly servers: Servers
  readonly tokens: Tokens
  readonly scheduler: Scheduler
  readonly clientName: string
  readonly transient: boolean
  readonly cursors: () => chat.Cursor[]
  readonly onWelcome: (welcome: chat.Welcome) => void
  /** The events of one frame, in order, after its Welcome if it has one. */
  readonly onEvents: (events: readonly chat.Event[]) => void
  readonly onThrottle: (pauseMs: number) => void
  /** The stream is gone; what was in flight is unanswered. */
  readonly onDown: () => void
  readonly onState: (state: ConnectionState) => void
}

const helloLimitMs = 10_000
const maxBackoffMs = 10_000
const maxLeaveMs = 2_000
const maxThrottleMs = 60_000
const byeLimitMs = 500

/** One stream at a time, always a new one when it is lost, until it is stopped for good. */
export class Link {
  readonly #options: LinkOptions
  readonly #backoff: Backoff
  readonly #heartbeat: Heartbeat
  readonly #renewal: Renewal
  #door: Door | undefined
  #stream: ChatStream | undefined
  #timer: Timer | undefined
  #onlineSinceMs: number | undefined
  #offlineSinceMs: number
  #renewedToken = false
  #token = ''
  #failures = 0
  #paused = false
  #stopped: AppError | undefined
  #left: (() => void) | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    const { scheduler, tokens } = options
    this.#offlineSinceMs = scheduler.now()
    this.#backoff = new Backoff(scheduler, { baseMs: 500, capMs: maxBackoffMs })
    this.#heartbeat = new Heartbeat({
      scheduler,
      ping: () => this.#stream?.push({ $case: 'ping', value: { nonce: scheduler.now() } }),
      dead: () => this.lose('HEARTBEAT_MISSED', 'the server has gone silent'),
    })
    this.#renewal = new Renewal({
      scheduler,
      tokens,
      renew: (accessToken) => {
        this.#token = accessToken
        this.#stream?.push({ $case: 'renew', value: { accessToken } })
      },
      over: (error) => this.stop(error),
    })
  }

  /** The stream, once it has been welcomed. */
  get stream(): ChatStream | undefined {
    return this.#onlineSinceMs === undefined ? undefined : this.#stream
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
    if (this.#stream) this.#lost(new AppError('unavailable', reason, message))
  }

  /** Ends everything; nothing is connected again. */
  stop(why: AppError): void {
    if (this.#stopped) return
    this.#stopped = why
    this.#drop()
    this.#options.onDown()
    const { reason, message } = why
    this.#options.onState({ state: 'stopped', reason, message })
  }

  /** Says goodbye; resolves when the server has ended the stream, or after half a second. */
  leave(): Promise<void> {
    const stream = this.stream
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
    this.#open(door)
  }

  #open(door: Door): void {
    const { scheduler, tokens, clientName, transient, cursors } = this.#options
    const stream = new ChatStream({
      door,
      scheduler,
      onEvents: (events) => this.#take(events),
      onEnd: (error) => this.#lost(error),
    })
    this.#stream = stream
    const { deviceId } = tokens.login()
    const accessToken = this.#token
    sendHello(stream, { accessToken, deviceId, clientName, transient, cursors: cursors() })
    this.#timer = scheduler.setTimer(helloLimitMs, () =>
      this.lose('NO_WELCOME', 'the server did not answer in time'),
    )
  }

  #take(events: readonly chat.Event[]): void {
    const stream = this.#stream
    this.#heartbeat.heard()
    for (const { event } of events) {
      if (event?.$case === 'welcome') this.#welcomed(event.value)
      else if (event?.$case === 'throttle') this.#throttled(event.value.pauseMs)
    }
    this.#options.onEvents(events)
    for (const { event } of events) {
      if (this.#stream !== stream) return
      if (event?.$case === 'caughtUp') this.#caughtUp()
      else if (event?.$case === 'goAway') this.#moveOn(event.value.deadlineMs)
      else if (event?.$case === 'kicked') this.#kicked(event.value.reason)
    }
  }

  #welcomed(welcome: chat.Welcome): void {
    const { scheduler, onState, onWelcome } = this.#options
    this.#timer?.cancel()
    this.#timer = undefined
    this.#onlineSinceMs = scheduler.monotonic()
    this.#failures = 0
    this.#renewedToken = false
    this.#heartbeat.start(welcome.heartbeatMs)
    this.#renewal.start(this.#token, welcome.tokenExpiresAtMs - welcome.serverTimeMs)
    if (this.#paused) this.#stream?.pause()
    onState({ state: 'online', server: this.#door?.server ?? '' })
    onWelcome(welcome)
  }

  #caughtUp(): void {
    this.#options.onState({ state: 'caught-up', server: this.#door?.server ?? '' })
  }

  #throttled(pauseMs: number): void {
    const boundedMs = Math.min(Math.max(0, pauseMs), maxThrottleMs)
    this.#heartbeat.excuse(boundedMs)
    this.#options.onThrottle(boundedMs)
  }

  // Spread over a while, so that a relay's clients do not reach the next one in one instant.
  #moveOn(deadlineMs: number): void {
    const { scheduler } = this.#options
    const waitMs = scheduler.random() * Math.min(maxLeaveMs, Math.max(0, deadlineMs) / 2)
    this.#timer?.cancel()
    this.#timer = scheduler.setTimer(waitMs, () => this.lose('GO_AWAY', 'the relay is stopping'))
  }

  #kicked(reason: string): void {
    if (reason === 'TOKEN_EXPIRED') {
      this.#lost(new AppError('unauthenticated', reason, 'the token of this session has expired'))
    } else {
      this.stop(kickedError(reason))
    }
  }

  #lost(error: AppError, beforeStream = false): void {
    if (this.#stopped) return
    if (this.#left) return this.#left()
    const wasOnline = this.#onlineSinceMs !== undefined
    const onlineMs = this.#onlineFor()
    const renewedToken = this.#renewedToken || beforeStream
    const next = afterLoss({ error, onlineMs, renewedToken })
    if (next.act === 'stop') return this.stop(error)
    const door = this.#door
    this.#drop()
    if (door) this.#options.servers.failed(door)
    if (wasOnline) this.#options.onDown()
    if (next.act === 'renew') return void this.#renew()
    this.#retry(error, next.fresh)
  }

  #retry(error: AppError, fresh: boolean): void {
    const { scheduler, onState } = this.#options
    this.#failures += 1
    if (fresh) this.#backoff.reset()
    if (this.#failures === 1) this.#offlineSinceMs = scheduler.now()
    const retryInMs = fresh ? 0 : Math.max(this.#backoff.next(), error.retryAfterMs ?? 0)
    const { reason, message } = error
    this.#timer = scheduler.setTimer(retryInMs, () => void this.#connect())
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

  #onlineFor(): number {
    if (this.#onlineSinceMs === undefined) return 0
    return Math.max(1, this.#options.scheduler.monotonic() - this.#onlineSinceMs)
  }

  #drop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#heartbeat.stop()
    this.#renewal.stop()
    this.#stream?.cancel()
    this.#stream = undefined
    this.#onlineSinceMs = undefined
    if (this.#door) this.#options.servers.letGo(this.#door)
    this.#door = undefined
  }
}

const kickedWords: Readonly<Record<string, string>> = {
  REVOKED: 'this login has ended, log in again',
  DISABLED: 'this account is disabled',
}

function kickedError(reason: string): AppError {
  if (reason === 'REPLACED') {
    return new AppError('conflict', reason, 'another session of this device has taken over')
  }
  const known = /^[A-Z][A-Z0-9_]{1,63}$/.test(reason) ? reason : 'KICKED'
  const words = kickedWords[known] ?? `the server has ended this session: ${known}`
  return new AppError('unauthenticated', known, words)
}
