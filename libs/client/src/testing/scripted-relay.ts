import { randomBytes } from 'node:crypto'
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { bearerToken, grpcService, grpcStatus, startGrpcServer } from '@parley/grpc-kit'
import type { GrpcServer } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { ScriptedLog } from './scripted-log.ts'
import type { ScriptedConversation } from './scripted-log.ts'
import { ScriptedStream } from './scripted-stream.ts'
import type { Fate } from './scripted-stream.ts'

/** What is to happen to a send. */
export type SendFate =
  | 'accept'
  | 'refuse'
  /** Stored or not, its answer never comes. */
  | 'swallow'
  | 'store-and-swallow'
  | 'store-and-cut'
  | 'cut'
  | 'unresolved'
  | 'store-and-unresolved'

/** The script: asked at every turn, it decides what goes wrong. */
export interface Script {
  send: (send: chat.Send, stream: ScriptedStream) => SendFate
  entries: (stream: ScriptedStream) => Fate
  /** How long a token lives, by the server's word. */
  tokenMs: number
  welcome: Partial<chat.Welcome>
  /** Called for each command after it was recorded; `true`: it was dealt with. */
  intercept: (command: NonNullable<chat.Command['command']>, stream: ScriptedStream) => boolean
}

const openMethods: ReadonlySet<string> = new Set(['refresh', 'login'])

/** A real gRPC server that speaks the protocol and misbehaves as told. */
export class ScriptedRelay {
  readonly log: ScriptedLog
  readonly streams: ScriptedStream[] = []
  readonly requests: { readonly method: string; readonly request: unknown }[] = []
  /** What a unary method answers instead of its own; by its name. */
  readonly answers = new Map<string, (request: never, token: string) => unknown>()
  readonly script: Script = {
    send: () => 'accept',
    entries: () => 'pass',
    tokenMs: 900_000,
    welcome: {},
    intercept: () => false,
  }
  #server: GrpcServer | undefined
  #tokens = 0
  #port = 0

  /** Relays with one log are relays of one system. */
  constructor(log = new ScriptedLog()) {
    this.log = log
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** Listens, on the same port after the first time. */
  async start(): Promise<this> {
    const accounts = {
      refresh: this.#unary('refresh', (request: chat.RefreshRequest) => this.#refresh(request)),
      login: this.#unary('login', () => ({ credentials: undefined })),
      findUsers: this.#unary('findUsers', () => ({ users: [] })),
    }
    const ticket = this.#unary('createTicket', () => ({ ticket: '', expiresAtMs: 0, url: '' }))
    const latest = this.#unary('latest', () => chat.UpgradesLatestResponse.create())
    const messages = this.#unary('listMessages', () => ({ entries: [], more: false }))
    this.#server = await startGrpcServer({
      host: '127.0.0.1',
      port: this.#port,
      drainMs: 0,
      services: [
        grpcService(chat.AccountsService, accounts),
        grpcService(chat.UpgradesService, { latest, createTicket: ticket }),
        grpcService(chat.AttachmentsService, { createTicket: ticket }),
        grpcService(chat.HistoryService, { listMessages: messages }),
        grpcService(chat.ChatService, {
          connect: (call: ScriptedStream['call']) => this.#connect(call),
        }),
      ],
    })
    this.#port = this.#server.port
    return this
  }

  async stop(): Promise<void> {
    for (const stream of this.streams) stream.cut()
    await this.#server?.close()
    this.#server = undefined
  }

  /** Credentials that this relay will know again. */
  credentials(userId: Buffer, deviceId: Buffer): chat.Credentials {
    this.#tokens += 1
    const claims = { iat: 0, exp: this.script.tokenMs / 1_000, user: userId.toString('hex') }
    const payload = Buffer.from(JSON.stringify({ ...claims, n: this.#tokens })).toString(
      'base64url',
    )
    const ids = `${userId.toString('hex')}.${deviceId.toString('hex')}`
    return {
      accessToken: `x.${payload}.x`,
      accessExpiresAtMs: 0,
      refreshToken: `${ids}.${this.#tokens}`,
      userId,
      deviceId,
      userName: userId.toString('hex').slice(0, 4),
    }
  }

  get open(): ScriptedStream[] {
    return this.streams.filter((stream) => stream.isOpen)
  }

  /** Tells every open stream how far each log is, as a relay does when it has dropped bodies. */
  heads(): void {
    for (const stream of this.open) {
      for (const conversation of this.log.conversations.values()) stream.head(conversation)
    }
  }

  /** Writes as somebody else, and pushes it. */
  write(conversation: ScriptedConversation, text: string): number {
    const seq = this.log.write(conversation, text)
    for (const stream of this.open) stream.push(conversation, this.script.entries(stream))
    return seq
  }

  #unary<Req>(name: string, own: (request: Req, token: string) => unknown) {
    return (call: ServerUnaryCall<Req, unknown>, done: sendUnaryData<unknown>) => {
      this.requests.push({ method: name, request: call.request })
      const answer = (this.answers.get(name) as typeof own | undefined) ?? own
      try {
        const token = openMethods.has(name) ? '' : bearerToken(call.metadata)
        done(null, answer(call.request, token))
      } catch (error) {
        done(grpcStatus(error))
      }
    }
  }

  #refresh({ refreshToken }: chat.RefreshRequest): chat.RefreshResponse {
    const [user = '', device = ''] = refreshToken.split('.')
    if (device === '') throw new AppError('unauthenticated', 'REFRESH_INVALID', 'no such login')
    return { credentials: this.credentials(Buffer.from(user, 'hex'), Buffer.from(device, 'hex')) }
  }

  #connect(call: ScriptedStream['call']): void {
    const stream = new ScriptedStream(call)
    this.streams.push(stream)
    call.on('data', (frame: chat.ConnectRequest) => {
      for (const { command } of frame.commands) if (command) this.#take(command, stream)
    })
    call.on('end', () => call.end())
    call.on('error', () => undefined)
  }

  #take(command: NonNullable<chat.Command['command']>, stream: ScriptedStream): void {
    stream.commands.push(command)
    if (!stream.isOpen || this.script.intercept(command, stream)) return
    if (command.$case === 'hello') this.#hello(command.value, stream)
    else if (command.$case === 'send') this.#send(command.value, stream)
    else if (command.$case === 'ping') {
      stream.tell({ $case: 'pong', value: { nonce: command.value.nonce, serverTimeMs: 0 } })
    } else if (command.$case === 'pull') {
      const conversation = this.log.find(command.value.conversationId)
      if (!conversation) return
      stream.sent.set(conversation, command.value.afterSeq)
      stream.pushAll(conversation)
    }
  }

  #hello(hello: chat.Hello, stream: ScriptedStream): void {
    for (const cursor of hello.cursors) {
      const conversation = this.log.find(cursor.conversationId)
      const isCurrent = conversation?.epoch === cursor.epoch
      if (conversation && isCurrent) stream.sent.set(conversation, cursor.seq)
    }
    if (hello.more) return
    const claims = Buffer.from(hello.accessToken.split('.')[1] ?? '', 'base64url').toString()
    const { user } = JSON.parse(claims) as { user: string }
    stream.userId = Buffer.from(user, 'hex')
    stream.transient = hello.transient
    if (!hello.transient) this.#replace(stream)
    const serverTimeMs = 1_000_000
    const tokenExpiresAtMs = serverTimeMs + this.script.tokenMs
    const value = {
      sessionId: randomBytes(16),
      userId: stream.userId,
      serverTimeMs,
      heartbeatMs: 60_000,
    }
    const welcome = { ...value, tokenExpiresAtMs, protocol: 1, ...this.script.welcome }
    stream.tell({ $case: 'welcome', value: chat.Welcome.fromPartial(welcome) })
    for (const conversation of this.log.conversations.values()) stream.pushAll(conversation)
    stream.tell({ $case: 'caughtUp', value: {} })
  }

  // What an older stream of the same device still has in its hands must not overtake the new one.
  #replace(stream: ScriptedStream): void {
    for (const other of this.open) {
      const isOlder = other !== stream && !other.transient && other.userId.equals(stream.userId)
      if (!isOlder) continue
      other.tell({ $case: 'kicked', value: { reason: 'REPLACED' } })
      other.cut()
    }
  }

  #send(send: chat.Send, stream: ScriptedStream): void {
    const { clientMessageId } = send
    const conversation = this.log.target(send, stream.userId)
    if (!conversation) return this.#refuse(send, stream, 'NOT_A_MEMBER')
    const open = stream.unresolved.get(conversation)
    const isNext = open === undefined || open === clientMessageId.toString('hex')
    if (!isNext) return this.#refuse(send, stream, 'PREDECESSOR')
    const fate = this.script.send(send, stream)
    stream.unresolved.delete(conversation)
    // What is stored is never refused any more.
    if (fate === 'refuse' && !this.log.has(send)) return this.#refuse(send, stream, 'BLOCKED')
    if (fate === 'cut') return stream.cut()
    if (!fate.endsWith('unresolved') && !fate.endsWith('swallow')) {
      this.#store(send, conversation, stream, fate === 'accept' || fate === 'refuse')
      if (fate === 'store-and-cut') stream.cut()
      return
    }
    if (fate.startsWith('store')) this.#store(send, conversation, stream, false)
    stream.unresolved.set(conversation, clientMessageId.toString('hex'))
    if (fate.endsWith('swallow')) return
    stream.tell({ $case: 'unresolved', value: { clientMessageId, retryAfterMs: 100 } })
  }

  #refuse(send: chat.Send, stream: ScriptedStream, reason: string): void {
    const { clientMessageId } = send
    stream.tell({ $case: 'refused', value: { clientMessageId, reason, message: reason } })
  }

  #store(
    send: chat.Send,
    conversation: ScriptedConversation,
    stream: ScriptedStream,
    answer: boolean,
  ): void {
    const { clientMessageId } = send
    const { seq, sentAtMs, duplicate } = this.log.append(conversation, stream.userId, send)
    const { id: conversationId, epoch } = conversation
    const value = { clientMessageId, conversationId, seq, sentAtMs, duplicate, epoch }
    if (answer) stream.tell({ $case: 'accepted', value })
    // The sending session is spared its own entry when it is the next one.
    if ((stream.sent.get(conversation) ?? 0) === seq - 1) stream.sent.set(conversation, seq)
    for (const other of this.open) other.push(conversation, this.script.entries(other))
  }
}
