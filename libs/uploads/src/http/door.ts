import { setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { AppError, toAppError } from '@parley/errors'
import {
  ConnectionsPerPeer,
  assertMayListen,
  delay,
  formatAddress,
  listenError,
} from '@parley/service-kit'
import type { Logger, Scheduler } from '@parley/service-kit'
import { answerError, isUnforeseen } from './answer.ts'
import type { Route } from './exchange.ts'
import { matchRoute } from './match-route.ts'
import { defaultPace } from './pace.ts'
import type { TransferPace } from './pace.ts'
import { notFound } from '../refusals.ts'

/** What a door opens on. */
export interface HttpDoorOptions {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly allowPlaintext: boolean
  readonly routes: readonly Route[]
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly pace?: TransferPace
  /** 1,024 unless told; connections over it are closed at once. */
  readonly maxConnections?: number
  /** 256 unless told; further ones of the same address are closed at once. */
  readonly maxConnectionsPerAddress?: number
}

/** A listening HTTP server. */
export interface HttpDoor {
  /** `host:port`, with the real port. */
  readonly address: string
  /** Takes no more requests, gives running ones `drainMs` (1 s unless told), then cuts them. */
  close(drainMs?: number): Promise<void>
}

const headersTimeoutMs = 10_000
const keepAliveTimeoutMs = 10_000
const maxHeaderBytes = 16 * 1024
const lingerMs = 2_000

/** Opens the public HTTP door of a service; throws `AppError` (ADDRESS_IN_USE) when the port is taken. */
export async function startHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { host, port, allowPlaintext } = options
  assertMayListen({ host, tls: false, allowPlaintext })
  const closing = new AbortController()
  // Each running request listens.
  setMaxListeners(0, closing.signal)
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    // A body may take hours: its rate is watched instead.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: maxHeaderBytes,
  })
  server.maxConnections = options.maxConnections ?? 1_024
  const perPeer = new ConnectionsPerPeer(options.maxConnectionsPerAddress ?? 256)
  server.on('connection', (socket) => {
    if (!perPeer.admit(socket)) socket.destroy()
  })
  const enter = oneAtATime()
  const onRequest = (request: IncomingMessage, response: ServerResponse, waits: boolean) => {
    // Told to whoever reads the body; unheard it would end the process.
    request.on('error', () => undefined)
    if (!enter(request, response)) return void request.socket.destroy()
    void serve(options, closing.signal, request, response, waits)
  }
  server.on('request', (request, response) => onRequest(request, response, false))
  server.on('checkContinue', (request, response) => onRequest(request, response, true))
  const realPort = await listen(server, host, port)
  return {
    address: formatAddress(host, realPort),
    close: (drainMs = 1_000) => closeServer(server, closing, options.scheduler, drainMs),
  }
}

/*
 * Says whether a request is the only one of its connection. Requests sent without waiting for the
 * answers before would all be served at once, each with its buffer; no client of ours does it.
 */
function oneAtATime() {
  const busy = new WeakSet<Socket>()
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { socket } = request
    if (busy.has(socket)) return false
    busy.add(socket)
    response.once('close', () => busy.delete(socket))
    return true
  }
}

async function serve(
  options: HttpDoorOptions,
  closing: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Promise<void> {
  const signal = signalOf(response, closing)
  const { scheduler, log, pace = defaultPace } = options
  try {
    const { route, params } = routeOf(options.routes, request, response)
    await route.handle({ request, response, params, signal, expectsContinue, pace, scheduler, log })
  } catch (error) {
    fail(log, request, response, toAppError(error))
  }
  endUnreadBody(scheduler, request, response)
}

// One of these for each request: `AbortSignal.any` and an error with its stack cost more than the rest.
function signalOf(response: ServerResponse, closing: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const onClosing = () => controller.abort(closing.reason)
  if (closing.aborted) onClosing()
  closing.addEventListener('abort', onClosing)
  response.once('close', () => {
    closing.removeEventListener('abort', onClosing)
    if (response.writableFinished) return
    controller.abort(new AppError('cancelled', 'CLIENT_GONE', 'client gone'))
  })
  return controller.signal
}

function routeOf(routes: readonly Route[], request: IncomingMessage, response: ServerResponse) {
  const match = matchRoute(routes, methodOf(request), request.url ?? '')
  if (match.found === 'route') return match
  if (match.found === 'nothing') throw notFound()
  response.setHeader('Allow', match.allow)
  throw new AppError('invalid', 'METHOD_NOT_ALLOWED', 'not here by this method')
}

const disguised: ReadonlySet<unknown> = new Set(['PATCH', 'DELETE'])

// tus: a client behind a proxy that knows no PATCH or DELETE sends POST with this header. For other
// methods it would only confuse whoever stands in between.
function methodOf({ method = '', headers }: IncomingMessage): string {
  const override = headers['x-http-method-override']
  return method === 'POST' && disguised.has(override) ? String(override) : method
}

function fail(log: Logger, request: IncomingMessage, response: ServerResponse, error: AppError) {
  const { method } = request
  if (isUnforeseen(error)) log.error({ err: error, method }, 'request failed unexpectedly')
  else log.debug({ reason: error.reason, method }, 'request refused')
  if (!response.headersSent && !response.destroyed) return answerError(response, error)
  // Half an answer cannot be taken back; the client sees that it is not whole.
  response.destroy()
}

// A refused body still arrives: read it for a moment, so that the client gets to see the answer.
function endUnreadBody(scheduler: Scheduler, request: IncomingMessage, response: ServerResponse) {
  if (request.complete || response.destroyed) return
  request.resume()
  const timer = scheduler.setTimer(lingerMs, () => request.destroy())
  request.once('close', () => timer.cancel())
  request.once('end', () => timer.cancel())
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)))
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

async function closeServer(
  server: Server,
  closing: AbortController,
  scheduler: Scheduler,
  drainMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  await Promise.race([closed, delay(scheduler, drainMs)])
  closing.abort(new AppError('unavailable', 'STOPPING', 'this server is stopping'))
  // Bodies that were cut off keep what had come: give them a moment to put it on disk.
  await Promise.race([closed, delay(scheduler, drainMs)])
  server.closeAllConnections()
  await closed
}
