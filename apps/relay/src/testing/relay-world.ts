import { join } from 'node:path'
import { Client, Metadata, credentials } from '@grpc/grpc-js'
import { appErrorFromGrpc, bearerMetadata, keyMetadata, operatorKeyHeader } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { createLogger, systemScheduler, uuidv7 } from '@parley/service-kit'
import type { Logger } from '@parley/service-kit'
import { loadConfig } from '../config.ts'
import { startRelay } from '../relay.ts'

/** A method as ts-proto describes it. */
interface Method<Req, Res> {
  readonly path: string
  readonly requestSerialize: (request: Req) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => Req
  readonly responseDeserialize: (bytes: Buffer) => Res
}

type CallOf<M> =
  M extends Method<infer Req, infer Res> ? (request?: Partial<Req>) => Promise<Res> : never

/** A service's methods as promises; fields left out are empty, request ids are made. */
type CallsOf<Service> = { readonly [Name in keyof Service]: CallOf<Service[Name]> }

/** What one caller can call at one address. */
export interface Caller {
  readonly metadata: Metadata
  readonly accounts: CallsOf<typeof chat.AccountsService>
  readonly contacts: CallsOf<typeof chat.ContactsService>
  readonly groups: CallsOf<typeof chat.GroupsService>
  readonly history: CallsOf<typeof chat.HistoryService>
  readonly attachments: CallsOf<typeof chat.AttachmentsService>
  readonly upgrades: CallsOf<typeof chat.UpgradesService>
  readonly operators: CallsOf<typeof chat.OperatorsService>
  /** Sends these bytes to a method, as they are. */
  raw(path: string, bytes: Buffer): Promise<Buffer>
}

/** Somebody with an account. */
export interface Person extends Caller {
  readonly name: string
  readonly userId: Buffer
  readonly credentials: chat.Credentials
}

/** A message to be sent, and the receipt of what it carries; or an entry to be sent on. */
export interface Message {
  readonly to: chat.Send['target']
  readonly content?: chat.Content['content']
  readonly receipt?: string
  readonly forwardOf?: chat.ForwardOf
}

/** A relay in this process, on free ports and without other services. */
export interface RelayWorld {
  /** A caller without any token. */
  readonly nobody: Caller
  /** The same at the internal door. */
  readonly inner: Caller
  readonly operator: Caller
  readonly publicAddress: string
  readonly internalAddress: string
  /** A caller with this token. */
  bearer(token: string): Caller
  register(name: string): Promise<Person>
  /** Sends messages on a stream of their own; the answers in order. */
  send(from: Person, ...messages: readonly Message[]): Promise<(chat.Accepted | chat.Refused)[]>
  close(): Promise<void>
}

export const internalKey = 'i'.repeat(32)
const operatorKey = 'o'.repeat(32)
const password = 'correct horse'

/** Starts a relay whose data live in this folder. */
export async function startRelayWorld(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  log: Logger = createLogger('relay', 'silent'),
): Promise<RelayWorld> {
  const config = loadConfig({
    PORT: '0',
    INTERNAL_PORT: '0',
    DATA_DIR: join(folder, 'relay'),
    NATS_URL: 'memory:',
    INTERNAL_KEY: internalKey,
    OPERATOR_KEY: operatorKey,
    PRESENCE_INTERNAL: '127.0.0.1:1',
    FILES_INTERNAL: '127.0.0.1:1',
    IMAGES_INTERNAL: '127.0.0.1:1',
    RATE_FACTOR: '100',
    ...env,
  })
  const relay = await startRelay(config, log)
  const { public: publicAddress = '', internal: internalAddress = '' } = relay.addresses
  const clients = [publicAddress, internalAddress].map(
    (address) => new Client(address, credentials.createInsecure()),
  )
  const [door, inner] = clients as [Client, Client]
  const bearer = (token: string) => caller(door, bearerMetadata(token))
  return {
    nobody: caller(door, new Metadata()),
    inner: caller(inner, new Metadata()),
    operator: caller(inner, keyMetadata(operatorKeyHeader, operatorKey)),
    publicAddress,
    internalAddress,
    bearer,
    async register(name) {
      const answer = await caller(door, new Metadata()).accounts.register({ name, password })
      const given = answer.credentials ?? chat.Credentials.create()
      return { ...bearer(given.accessToken), name, userId: given.userId, credentials: given }
    },
    send: (from, ...messages) => sendAll(publicAddress, from, messages),
    async close() {
      for (const client of clients) client.close()
      await relay.close()
    },
  }
}

function caller(client: Client, metadata: Metadata): Caller {
  const calls = <Service extends object>(service: Service) => callsOf(client, metadata, service)
  return {
    metadata,
    accounts: calls(chat.AccountsService),
    contacts: calls(chat.ContactsService),
    groups: calls(chat.GroupsService),
    history: calls(chat.HistoryService),
    attachments: calls(chat.AttachmentsService),
    upgrades: calls(chat.UpgradesService),
    operators: calls(chat.OperatorsService),
    raw: (path, bytes) => {
      const as = (value: Buffer) => value
      const method = { path, requestSerialize: as, requestDeserialize: as, responseDeserialize: as }
      return unary(client, metadata, method, bytes)
    },
  }
}

function callsOf<Service extends object>(
  client: Client,
  metadata: Metadata,
  service: Service,
): CallsOf<Service> {
  const methods = Object.entries(service) as [string, Method<object, object>][]
  const calls = methods.map(([name, method]) => [
    name,
    (request: object = {}) => unary(client, metadata, method, complete(method, request)),
  ])
  return Object.fromEntries(calls) as CallsOf<Service>
}

function complete(method: Method<object, object>, given: object): object {
  const blank = method.requestDeserialize(Buffer.alloc(0))
  const id = 'requestId' in blank ? { requestId: Buffer.from(uuidv7(systemScheduler)) } : {}
  return { ...blank, ...id, ...given }
}

function unary<Req, Res>(
  client: Client,
  metadata: Metadata,
  method: Method<Req, Res>,
  request: Req,
): Promise<Res> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      { deadline: Date.now() + 10_000 },
      (error, response) => {
        if (error === null && response !== undefined) resolve(response)
        else reject(appErrorFromGrpc(error))
      },
    )
  })
}

async function sendAll(
  address: string,
  from: Person,
  messages: readonly Message[],
): Promise<(chat.Accepted | chat.Refused)[]> {
  const client = new chat.ChatClient(address, credentials.createInsecure())
  const stream = client.connect()
  const { accessToken, deviceId } = from.credentials
  const hello = chat.Hello.create({ accessToken, deviceId, protocolMin: 1, protocolMax: 1 })
  const sends = messages.map(({ to: target, content, receipt = '', forwardOf }) =>
    chat.Send.create({
      clientMessageId: Buffer.from(uuidv7(systemScheduler)),
      target,
      content: { content },
      receipt,
      forwardOf,
    }),
  )
  const write = (command: chat.Command['command']) => stream.write({ commands: [{ command }] })
  write({ $case: 'hello', value: { ...hello, transient: true } })
  for (const value of sends) write({ $case: 'send', value })
  const answers: (chat.Accepted | chat.Refused)[] = []
  for await (const frame of stream as AsyncIterable<chat.ConnectResponse>) {
    for (const { event } of frame.events) {
      if (event?.$case === 'accepted' || event?.$case === 'refused') answers.push(event.value)
      if (event?.$case === 'unresolved') throw new Error('a message stayed unresolved')
    }
    if (answers.length === messages.length) break
  }
  stream.cancel()
  client.close()
  return answers
}
