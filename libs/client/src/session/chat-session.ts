import { AppError, isAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { systemScheduler, within } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { ChatClient, ConnectOptions, SendOptions, SendResult, Target } from '../api.ts'
import type { DownloadOptions, Downloaded, EntryPlace, TransferOptions, Uploaded } from '../api.ts'
import { callsOf } from '../calls/calls.ts'
import type { Calls } from '../calls/calls.ts'
import { callerOf } from '../calls/open-calls.ts'
import type { Tokens } from '../calls/tokens.ts'
import type { ClientEvent, ConnectionState } from '../client-events.ts'
import { idBytes } from '../ids.ts'
import type { Servers } from '../servers/servers.ts'
import type { Login, StateLock } from '../state/local-state.ts'
import { Direct } from '../direct/direct.ts'
import type { FileElsewhere } from '../direct/files/pieces.ts'
import { identityAt } from '../direct/files/shared-files.ts'
import { download } from '../transfer/download.ts'
import { upload } from '../transfer/upload.ts'
import { Audience } from './audience.ts'
import { Link } from './link.ts'
import { sendOf } from './send-of.ts'
import { sessionLock } from './session-lock.ts'
import type { Settle } from './send-item.ts'
import { Session } from './session.ts'
import { Standing } from './standing.ts'
import { Waiters } from './waiters.ts'

const patienceMs = 10_000
const drainLimitMs = 2_000

/** The parts of a chat client, and what they tell each other. */
class ChatSession implements ChatClient {
  readonly login: Login
  readonly calls: Calls
  connection: ConnectionState = { state: 'connecting', server: '', attempt: 1 }
  readonly #options: ConnectOptions
  readonly #scheduler: Scheduler
  readonly #servers: Servers
  readonly #tokens: Tokens
  readonly #lock: StateLock | undefined
  readonly #audience: Audience
  readonly #link: Link
  readonly #session: Session
  readonly #direct: Direct
  readonly #standing = new Standing()
  readonly #online = new Waiters<chat.Welcome>()
  readonly #caughtUp = new Waiters<void>()
  readonly #drained = new Waiters<void>()
  #welcome: chat.Welcome | undefined
  #closing: Promise<void> | undefined
  #toldUpgrade = ''

  constructor(options: ConnectOptions) {
    this.#options = options
    this.#scheduler = options.scheduler ?? systemScheduler
    const { servers, caller, tokens } = callerOf(options)
    this.#lock = options.transient ? undefined : sessionLock(options)
    this.#servers = servers
    this.#tokens = tokens
    this.login = tokens.login()
    this.calls = callsOf(caller)
    this.#audience = new Audience(
      (paused) => this.#pause(paused),
      (conversationId, seq) => this.#session.shown.note(conversationId, seq),
    )
    this.#session = this.#openSession()
    this.#direct = this.#openDirect()
    this.#link = this.#openLink()
    this.#session.start()
    this.#scheduler.soon(() => {
      // Whoever made this client listens by now.
      this.#session.tellUnshown()
      this.#link.start()
    })
  }

  on(listener: (event: ClientEvent) => void): () => void {
    return this.#audience.on(listener)
  }

  events(): AsyncIterableIterator<ClientEvent> {
    return this.#audience.events()
  }

  online(): Promise<chat.Welcome> {
    if (this.#link.stopped) return Promise.reject(this.#link.stopped)
    if (this.#link.stream && this.#welcome) return Promise.resolve(this.#welcome)
    const late = this.#scheduler.setTimer(patienceMs, () => this.#online.reject(unreachable()))
    return this.#online.wait().finally(() => late.cancel())
  }

  caughtUp(): Promise<void> {
    if (this.#link.stopped) return Promise.reject(this.#link.stopped)
    if (this.connection.state === 'caught-up') return Promise.resolve()
    return this.#caughtUp.wait()
  }

  drained(): Promise<void> {
    return this.#session.sender.size === 0 ? Promise.resolve() : this.#drained.wait()
  }

  send(
    target: Target,
    content: chat.Content | undefined,
    options: SendOptions = {},
  ): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      if (this.#link.stopped) throw this.#link.stopped
      const { sender } = this.#session
      const encoded = sendOf(target, content, options, this.#scheduler)
      const mayQueue = options.ifUnreachable === 'queue'
      const settle: Settle = (result) => (isAppError(result) ? reject(result) : resolve(result))
      sender.add({ ...encoded, mayQueue, settle: mayQueue ? this.#impatient(settle) : settle })
    })
  }

  read(conversationId: string, seq: number): void {
    this.#session.marks.shown(conversationId, seq)
  }

  typing(conversationId: string, typing: boolean): void {
    const stream = this.#link.stream
    const value = { conversationId: idBytes(conversationId), typing }
    if (stream?.ready) stream.push({ $case: 'typing', value })
  }

  direct(conversationId: string, allowed: boolean): void {
    if (this.#link.stopped) throw this.#link.stopped
    this.#direct.allow(conversationId, allowed)
  }

  setStatus(availability: chat.Availability): void {
    this.#standing.status({ availability }, this.#link.stream)
  }

  watchPresence(userIds: readonly string[], options: { readonly contacts?: boolean } = {}): void {
    const watch = { userIds: userIds.map(idBytes), contacts: options.contacts ?? false }
    this.#standing.watch(watch, this.#link.stream)
  }

  pull(conversationId: string): void {
    this.#session.pull(conversationId, this.#session.log.storedSeq(conversationId))
  }

  async uploadFile(path: string, options: TransferOptions = {}): Promise<Uploaded> {
    const { filesUrl } = await this.online()
    const request = { kind: 'file', baseUrl: filesUrl, path } as const
    // What is written there from now on may be other bytes than are sent.
    const before = await identityAt(path)
    const uploaded = await upload(this.#transferContext(), request, options)
    const { content } = uploaded.content
    if (content?.$case !== 'file' || before === undefined) return uploaded
    this.#direct.files.uploaded(content.value.fileId, path, before)
    return uploaded
  }

  async uploadImage(path: string, options: TransferOptions = {}): Promise<Uploaded> {
    const { imagesUrl } = await this.online()
    return upload(this.#transferContext(), { kind: 'image', baseUrl: imagesUrl, path }, options)
  }

  download(place: EntryPlace, path: string, options: DownloadOptions = {}): Promise<Downloaded> {
    const directly = (file: FileElsewhere, offset: number) =>
      this.#direct.pieces(place.conversationId, file, offset, options.signal)
    const { userId } = this.login
    const request = { place, path, calls: this.calls, userId, directly }
    return download(this.#transferContext(), request, options)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { sender, marks } = this.#session
    if (!this.#link.stopped) {
      sender.storeFresh()
      this.#direct.close()
      if (this.#link.stream) await this.#lastAnswers()
      marks.flush()
      await this.#link.leave()
      this.#link.stop(new AppError('cancelled', 'CLOSED', 'the client was closed'))
    }
    this.#servers.close()
  }

  async #lastAnswers(): Promise<void> {
    const drained = this.drained()
    await within(this.#scheduler, drainLimitMs, 'the last answers', drained).catch(() => undefined)
  }

  #openSession(): Session {
    return new Session({
      login: this.login,
      account: this.#options.state.account(this.login.userId),
      scheduler: this.#scheduler,
      transient: this.#options.transient ?? false,
      stream: () => this.#link.stream,
      tell: (event) => this.#tell(event),
      enqueued: (send) => this.#direct.stored(send),
      stuck: () => this.#link.lose('NO_ANSWER', 'a message had no answer for 15 s'),
      idle: () => this.#drained.resolve(),
      failed: (error) => this.#link.stop(error),
    })
  }

  #openDirect(): Direct {
    const { userId, deviceId } = this.login
    return new Direct({
      userId,
      deviceId,
      scheduler: this.#scheduler,
      host: this.#options.directHost ?? '',
      addresses: this.#options.directAddresses,
      udp: this.#options.directUdp ?? true,
      rendezvous: () => this.#welcome?.rendezvous ?? '',
      stream: () => this.#link.stream,
      viewOf: (conversationId) => this.#session.log.viewOf(conversationId),
      tell: (event) => this.#audience.tell(event),
    })
  }

  #tell(event: ClientEvent): void {
    if (event.type === 'rewound') this.#direct.files.forget(event.conversationId)
    this.#audience.tell(event.type === 'entries' ? this.#direct.merged(event) : event)
  }

  #pause(paused: boolean): void {
    this.#link.setPaused(paused)
    this.#direct.setPaused(paused)
  }

  #openLink(): Link {
    return new Link({
      servers: this.#servers,
      tokens: this.#tokens,
      scheduler: this.#scheduler,
      clientName: this.#options.clientName ?? 'parley-client',
      transient: this.#options.transient ?? false,
      build: this.#options.build,
      cursors: () => (this.#options.transient ? [] : this.#session.log.cursors()),
      onWelcome: (welcome) => this.#welcomed(welcome),
      onEvents: (events) => {
        this.#session.take(events)
        this.#direct.take(events)
      },
      onThrottle: (pauseMs) => this.#session.sender.throttle(pauseMs),
      onDown: () => this.#session.down(),
      onState: (state) => this.#moved(state),
    })
  }

  #welcomed(welcome: chat.Welcome): void {
    this.#welcome = welcome
    this.#session.up(welcome)
    this.#standing.up(this.#link.stream)
    this.#direct.up()
    this.#tellUpgrade(welcome.upgrade)
    this.#online.resolve(welcome)
  }

  // Not again with every stream.
  #tellUpgrade(upgrade: chat.Upgrade | undefined): void {
    if (upgrade === undefined || upgrade.version === this.#toldUpgrade) return
    const { version, required } = upgrade
    this.#toldUpgrade = version
    this.#audience.tell({ type: 'upgrade', version, required })
  }

  #moved(connection: ConnectionState): void {
    this.connection = connection
    this.#audience.tell({ type: 'connection', connection })
    if (connection.state === 'caught-up') this.#caughtUp.resolve()
    if (connection.state === 'offline' && this.#link.unreachable) {
      this.#online.reject(unreachable(connection))
      this.#session.sender.giveUpWaiting()
    }
    if (this.#link.stopped) this.#ended(this.#link.stopped)
  }

  #ended(error: AppError): void {
    const isClosed = error.reason === 'CLOSED'
    this.#session.sender.end((messageId) => (isClosed ? { state: 'queued', messageId } : error))
    this.#session.release()
    this.#direct.close()
    this.#lock?.release()
    this.#online.reject(error)
    this.#caughtUp.reject(error)
    this.#audience.end()
  }

  // Settles as `queued` after a while, should nothing else be known by then.
  #impatient(settle: Settle): Settle {
    const { sender } = this.#session
    const late = this.#scheduler.setTimer(patienceMs, () => sender.giveUpWaiting())
    return (result) => {
      late.cancel()
      settle(result)
    }
  }

  #transferContext() {
    const { state, allowPlaintext = false } = this.#options
    return { tokens: this.#tokens, state, scheduler: this.#scheduler, allowPlaintext }
  }
}

/** Connects as whoever is logged in; the client stays connected until it is closed or sent away. */
export function connect(options: ConnectOptions): ChatClient {
  return new ChatSession(options)
}

function unreachable(why = { reason: '', message: 'no server has answered' }): AppError {
  const { reason, message } = why
  const words = reason === 'UNREACHABLE' ? message : `the server cannot be reached: ${message}`
  return new AppError('unavailable', 'UNREACHABLE', words)
}
