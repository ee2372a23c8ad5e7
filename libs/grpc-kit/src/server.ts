import type { ServerHttp2Stream } from 'node:http2'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { ServerOptions } from '@grpc/grpc-js'
import { assertMayListen, formatAddress, listenError } from '@parley/service-kit'
import { addServices } from './service.ts'
import type { GrpcService } from './service.ts'

/** The bounds of a server. */
export interface GrpcLimits {
  /** The longest message, before and after decompression; 256 KiB unless told. */
  readonly maxMessageBytes?: number
  /** Calls at once on one connection; 100 unless told. */
  readonly maxConcurrentStreams?: number
  /** A connection without a call for so long is closed; 5 minutes unless told. */
  readonly maxIdleMs?: number
}

/** What a server is made of. */
export interface GrpcServerOptions {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly services: readonly GrpcService[]
  readonly limits?: GrpcLimits
  /** TLS, where there is any. */
  readonly credentials?: ServerCredentials
  readonly allowPlaintext?: boolean
  /** How long running calls may take to end when the server closes; 2 s unless told. */
  readonly drainMs?: number
}

/** A server that listens. */
export interface GrpcServer {
  readonly host: string
  readonly port: number
  /** `host:port`, with the real port. */
  readonly address: string
  /** Takes no more calls, lets running ones end for `drainMs`, then cuts what is left. */
  close(): Promise<void>
}

const defaultDrainMs = 2_000
const defaultIdleMs = 5 * 60_000

/** A server without services that does not listen yet: every gRPC server here, also one with a listener of its own. */
export function makeGrpcServer(limits: GrpcLimits = {}): Server {
  const server = new Server(serverOptions(limits))
  ignoreGoneStreams(server)
  return server
}

interface StreamHandling {
  _streamHandler(interceptors: unknown, stream: ServerHttp2Stream, headers: unknown): void
}

/**
 * @NOTE grpc-js 1.14 answers a request of another type, or of no method, although its connection has
 * broken by then, and what that throws ends the process: anybody could, with one packet.
 */
function ignoreGoneStreams(server: Server): void {
  const inner = server as unknown as StreamHandling
  const handle = inner._streamHandler.bind(server)
  inner._streamHandler = (interceptors, stream, headers) => {
    if (!stream.destroyed && !stream.closed) return handle(interceptors, stream, headers)
    // The error that it ended with is nobody's.
    stream.on('error', () => undefined)
  }
}

function serverOptions(limits: GrpcLimits): ServerOptions {
  const maxMessageBytes = limits.maxMessageBytes ?? 256 * 1024
  return {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_concurrent_streams': limits.maxConcurrentStreams ?? 100,
    'grpc.max_connection_idle_ms': limits.maxIdleMs ?? defaultIdleMs,
    'grpc.enable_channelz': 0,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 10_000,
  }
}

/** Starts a server; throws `AppError` (conflict, ADDRESS_IN_USE) when the port is taken. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host, services, limits, credentials } = options
  const allowPlaintext = options.allowPlaintext ?? false
  assertMayListen({ host, tls: credentials !== undefined, allowPlaintext })
  const server = makeGrpcServer(limits)
  addServices(server, services)
  const port = await bind(
    server,
    host,
    options.port,
    credentials ?? ServerCredentials.createInsecure(),
  )
  const address = formatAddress(host, port)
  const drainMs = options.drainMs ?? defaultDrainMs
  return { host, port, address, close: () => closeServer(server, address, drainMs) }
}

function bind(server: Server, host: string, port: number, credentials: ServerCredentials) {
  return new Promise<number>((resolve, reject) => {
    server.bindAsync(formatAddress(host, port), credentials, (error, boundPort) => {
      if (error) reject(listenError(error, host, port))
      else resolve(boundPort)
    })
  })
}

// Not forceShutdown: it knows the sessions only while channelz is on, and would end nothing here.
function closeServer(server: Server, address: string, drainMs: number): Promise<void> {
  server.drain(address, drainMs)
  return new Promise((resolve) => {
    server.tryShutdown(() => resolve())
  })
}
