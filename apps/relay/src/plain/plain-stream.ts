import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Timer } from '@parley/service-kit'
import { LRUCache } from 'lru-cache'
import type { Connections } from '../session/connections.ts'
import { Connection } from '../session/connection.ts'
import type { Engine } from '../session/engine.ts'
import type { Outlet } from '../session/outlet.ts'
import type { Session } from '../session/session.ts'
import type { Ended } from '../session/stream.ts'
import type { PlainAccounts } from './plain-accounts.ts'
import type { PlainClient, PlainLogin, PlainSession } from './plain-client.ts'
import type { FileDrop, PlainFile } from './plain-files.ts'
import { PlainScreen } from './plain-screen.ts'
import { PlainSends } from './plain-sends.ts'
import type { Target } from './plain-sends.ts'
import { TokenKeeper } from './token-keeper.ts'

/** Names of users that a session remembers the ids of. */
const maxKnownNames = 256

type Event = NonNullable<chat.Event['event']>
type Command = NonNullable<chat.Command['command']>

/** What plain streams are made of. */
export interface PlainParts {
  readonly engine: Engine
  readonly connections: Connections
  readonly accounts: PlainAccounts
  readonly files: FileDrop
}

/**
 * A stream of the engine for a client of names and words: it keeps for it what other clients keep
 * themselves (ids of messages, what was delivered, the token), and says its hello, pings and acks.
 */
export class PlainStream implements PlainSession {
  readonly #parts: PlainParts
  readonly #client: PlainClient
  readonly #connection: Connection
  readonly #sends: PlainSends
  readonly #token: TokenKeeper
  readonly #pings: Timer
  /** Ends what is done for it elsewhere. */
  readonly #gone = new AbortController()
  readonly #welcomed = Promise.withResolvers<void>()
  readonly #users = new LRUCache<string, Uint8Array>({ max: maxKnownNames })
  #screen: PlainScreen | undefined
  /** Events that came before the client was ready for them. */
  #early: Event[] | undefined = []
  /** What the client has asked or said of which the dialect does not know yet what became. */
  #unanswered = 0
  #why: Ended | undefined
  #isLeaving = false
  /** It leaves and all is answered: what it would still be shown it could not be said to have taken. */
  #isThrough = false
  #isOver = false

  constructor(
    parts: PlainParts,
    client: PlainClient,
    { address, dialect }: PlainLogin,
    credentials: chat.Credentials,
  ) {
    const { engine, connections, accounts } = parts
    const { scheduler } = engine
    this.#parts = parts
    this.#client = client
    this.#connection = new Connection(engine, this.#outlet(), (why) => this.#end(why))
    this.#sends = new PlainSends(scheduler, (value) => this.#tell({ $case: 'send', value }))
    this.#token = new TokenKeeper(scheduler, credentials, {
      refresh: (token, requestId) => accounts.refresh(token, requestId, address),
      renewed: (accessToken) => this.#tell({ $case: 'renew', value: { accessToken } }),
    })
    // Whether the client lives is for TCP to say: it has no heartbeat.
    this.#pings = scheduler.every(engine.greeting.heartbeatMs / 2, () =>
      this.#tell({ $case: 'ping', value: { nonce: 0 } }),
    )
    connections.add(this.#connection)
    this.#tell({ $case: 'hello', value: helloOf(credentials, dialect) })
  }

  /** Resolves when the engine has welcomed the client and knows its conversations; throws `AppError` with why it has not. */
  get welcomed(): Promise<void> {
    return this.#welcomed.promise
  }

  get userName(): string {
    return this.#session.identity.userName
  }

  start(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const event of early) this.#hear(event)
    if (this.#hasRoom) this.#connection.drained()
  }

  async say(to: string | readonly string[], text: string): Promise<void> {
    await this.#answering(async () => this.#sends.say(await this.#targetOf([to].flat()), text))
  }

  async sendFile(to: string | readonly string[], file: PlainFile): Promise<void> {
    await this.#answering(async () => {
      const target = await this.#targetOf([to].flat())
      const owner = { accessToken: this.#token.accessToken, signal: this.#gone.signal }
      const stored = await this.#parts.files.store(file, owner)
      await this.#sends.file(target, file.name, stored)
    })
  }

  async online(): Promise<readonly string[]> {
    const { identity } = this.#session
    const others = await this.#answering(() => this.#parts.accounts.online(identity))
    return [...others, identity.userName].toSorted((a, b) => a.localeCompare(b))
  }

  groups(): readonly string[] {
    return (this.#screen?.names.groups ?? []).map(({ label }) => label).toSorted()
  }

  leave(): void {
    this.#tell({ $case: 'bye', value: {} })
  }

  cut(): void {
    this.#end(undefined)
    this.#connection.ended(false)
    this.#parts.connections.remove(this.#connection)
  }

  /** Does not let the client go before it has the answer. */
  async #answering<T>(work: () => Promise<T>): Promise<T> {
    this.#unanswered += 1
    try {
      return await work()
    } finally {
      this.#unanswered -= 1
      this.#leaveOnceDone()
    }
  }

  async #targetOf(readings: readonly string[]): Promise<Target> {
    const group = this.#screen?.names.groupIn(readings)
    if (group === null) throw unknown('GROUP_UNKNOWN', 'you are in no group of this title')
    if (group !== undefined) return { $case: 'conversationId', value: Buffer.from(group) }
    const userId = await this.#userNamed(readings[0] ?? '')
    return { $case: 'userId', value: Buffer.from(userId) }
  }

  /** Asked once for each name of a session: asking is limited, writing to somebody again is not. */
  async #userNamed(name: string): Promise<Uint8Array> {
    const known = this.#users.get(name)
    if (known !== undefined) return known
    const userId = await this.#parts.accounts.userNamed(name, this.#session.identity)
    if (userId === undefined) throw unknown('USER_UNKNOWN', 'there is no such user')
    this.#users.set(name, userId)
    return userId
  }

  get #session(): Session {
    const { session } = this.#connection
    if (session !== undefined) return session
    throw new Error('a plain session is used before it was welcomed')
  }

  get #hasRoom(): boolean {
    return this.#screen?.hasRoom === true && !this.#isThrough
  }

  #outlet(): Outlet {
    return {
      write: (frame) => this.#takeFrame(frame),
      end: () => this.#end(this.#why),
      destroy: () => this.#end({ reason: 'ENDED', message: 'the session is over' }),
      pause: () => this.#client.pause(),
      resume: () => {
        if (!this.#isLeaving) this.#client.resume()
      },
    }
  }

  #tell(command: Command): void {
    this.#connection.frame({ commands: [{ command }] })
  }

  #takeFrame(frame: Buffer): boolean {
    for (const { event } of chat.ConnectResponse.decode(frame).events) {
      if (event?.$case === 'welcome') this.#begin()
      else if (event !== undefined && this.#early !== undefined) this.#early.push(event)
      else if (event !== undefined) this.#hear(event)
    }
    if (this.#early === undefined) return this.#hasRoom
    // Before its conversations are loaded nobody can be sure of which groups the user is in.
    const { isLoaded } = this.#session
    if (isLoaded) this.#welcomed.resolve()
    return !isLoaded
  }

  #begin(): void {
    this.#screen = new PlainScreen(this.#client, this.#session, this.#parts.engine.scheduler, {
      delivered: ({ conversationId, epoch, seq }) => {
        const value = { conversationId: Buffer.from(conversationId), epoch, seq }
        this.#tell({ $case: 'ack', value })
        this.#leaveOnceDone()
      },
      reading: this.#connection,
    })
  }

  #hear(event: Event): void {
    switch (event.$case) {
      case 'entries':
        return this.#isThrough ? undefined : this.#screen?.entries(event.value)
      case 'gap':
        return this.#isThrough ? undefined : this.#screen?.gap(event.value)
      case 'accepted':
        return this.#sends.accepted(event.value)
      case 'refused':
        return this.#sends.refused(event.value)
      case 'unresolved':
        return this.#sends.unresolved(event.value)
      case 'goAway':
        this.#isLeaving = true
        this.#client.pause()
        return this.#leaveOnceDone()
      case 'kicked':
        this.#why = { reason: event.value.reason, message: 'this session was ended' }
        return undefined
      default:
        return undefined
    }
  }

  /**
   * A plain client cannot be told to go elsewhere. No more is read from it; when what it has said is answered
   * and what it was shown is taken, it is let go. It connects again, and repeats what had no answer.
   */
  #leaveOnceDone(): void {
    if (!this.#isLeaving || this.#unanswered > 0) return
    this.#isThrough = true
    // The dialect, which waits for what became of its text, writes the answer first.
    this.#parts.engine.scheduler.soon(() => {
      if (this.#isOver || this.#screen?.isTaken === false) return
      this.#why = { reason: 'GOING_AWAY', message: 'this relay stops; connect again' }
      this.leave()
    })
  }

  #end(why: Ended | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#pings.cancel()
    this.#token.close()
    this.#sends.close()
    this.#gone.abort()
    const { reason, message } = why ?? { reason: 'CUT', message: 'the client has gone' }
    this.#welcomed.reject(new AppError('unauthenticated', reason, message))
    this.#client.ended(why)
  }
}

function helloOf({ accessToken, deviceId }: chat.Credentials, dialect: string): chat.Hello {
  return {
    accessToken,
    deviceId,
    protocolMin: 1,
    protocolMax: 1,
    clientName: dialect,
    cursors: [],
    transient: false,
    more: false,
  }
}

function unknown(reason: string, message: string): AppError {
  return new AppError('not-found', reason, message)
}
