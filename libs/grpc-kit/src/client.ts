import { Metadata, credentials as grpcCredentials } from '@grpc/grpc-js'
import type {
  CallOptions,
  ChannelCredentials,
  Client,
  ClientOptions,
  ClientUnaryCall,
  ServiceDefinition,
  ServiceError,
} from '@grpc/grpc-js'
import { appErrorFromGrpc } from './status.ts'

/** A client class as ts-proto generates it. */
export interface ClientClass<C extends Client> {
  new (address: string, credentials: ChannelCredentials, options?: Partial<ClientOptions>): C
  readonly service: ServiceDefinition
}

/** How one call is made. */
export interface CallSettings {
  /** 10 s unless told; passing it rejects with `AppError` (deadline). */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
  readonly metadata?: Metadata
}

/** The unary methods of a generated client, as promises that reject with an `AppError`. */
export type UnaryCalls<C> = {
  [
    K in Exclude<keyof C, keyof Client> as C[K] extends Unary<infer _Q, infer _S> ? K : never
  ]: C[K] extends Unary<infer Req, infer Res>
    ? (request: Req, settings?: CallSettings) => Promise<Res>
    : never
}

/** A connected client. */
export interface OpenClient<C> {
  readonly call: UnaryCalls<C>
  /** The generated client itself, for streams. */
  readonly client: C
  close(): void
}

/** How a client connects. */
export interface OpenClientOptions extends CallSettings {
  /** TLS, where there is any. */
  readonly credentials?: ChannelCredentials
  readonly channel?: Partial<ClientOptions>
}

type Callback<Res> = (error: ServiceError | null, response: Res) => void

type Unary<Req, Res> = (
  request: Req,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: Callback<Res>,
) => ClientUnaryCall

const defaultDeadlineMs = 10_000

/** The channel options of every gRPC client here: quick to come back, no proxy, bounded messages. */
export const clientChannelOptions: Partial<ClientOptions> = {
  'grpc.max_receive_message_length': 256 * 1024,
  'grpc.max_send_message_length': 256 * 1024,
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
}

/** Opens a client to `host:port`; the settings given here hold for every call unless it says otherwise. */
export function openClient<C extends Client>(
  Class: ClientClass<C>,
  address: string,
  options: OpenClientOptions = {},
): OpenClient<C> {
  const credentials = options.credentials ?? grpcCredentials.createInsecure()
  const client = new Class(address, credentials, { ...clientChannelOptions, ...options.channel })
  return { call: unaryClient(client, Class.service, options), client, close: () => client.close() }
}

/** The unary methods of a client that is open already. */
export function unaryClient<C extends Client>(
  client: C,
  service: ServiceDefinition,
  defaults: CallSettings = {},
): UnaryCalls<C> {
  const names = Object.keys(service).filter((name) => isUnary(service, name))
  const calls = names.map((name) => [name, promised(client, name, defaults)])
  return Object.fromEntries(calls) as UnaryCalls<C>
}

function isUnary(service: ServiceDefinition, name: string): boolean {
  const method = service[name]
  return method !== undefined && !method.requestStream && !method.responseStream
}

function promised(client: Client, name: string, defaults: CallSettings) {
  const method = (client as unknown as Record<string, Unary<unknown, unknown>>)[name]
  return (request: unknown, settings: CallSettings = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { deadlineMs = defaultDeadlineMs, signal, metadata } = { ...defaults, ...settings }
      if (signal?.aborted) return reject(appErrorFromGrpc(signal.reason))
      const cancel = () => call?.cancel()
      const callback: Callback<unknown> = (error, response) => {
        signal?.removeEventListener('abort', cancel)
        if (error) reject(appErrorFromGrpc(error))
        else resolve(response)
      }
      const options = { deadline: Date.now() + deadlineMs }
      const call = method?.call(client, request, metadata ?? new Metadata(), options, callback)
      signal?.addEventListener('abort', cancel, { once: true })
    })
}
