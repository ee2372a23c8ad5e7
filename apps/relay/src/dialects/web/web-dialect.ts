import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { GrpcService } from '@parley/grpc-kit'
import type { Logger } from '@parley/service-kit'
import type { Dialect } from '../../door/dialect.ts'
import { startsWithOne } from '../../door/first-bytes.ts'
import { safely, sayWords } from './answers.ts'
import type { Fields } from './answers.ts'
import { connectCalls } from './connect-unary/connect-calls.ts'
import type { ConnectCalls } from './connect-unary/connect-calls.ts'
import { isPreflight, preflightFields, sharedWith } from './cors.ts'
import { isOriginAllowed } from './origins.ts'
import { WebConnection } from './web-connection.ts'
import { asksForSocket, chatPath, webSockets } from './websocket/websockets.ts'
import type { WebSocketParts } from './websocket/websockets.ts'

const maxHeadBytes = 8 * 1024

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']
const openings = methods.map((method) => Buffer.from(`${method} /`))

/** What the dialect is made of. */
export interface WebParts extends WebSocketParts {
  /** Whose unary methods can be called over HTTP, too. */
  readonly services: readonly GrpcService[]
  readonly log: Pick<Logger, 'error'>
}

/** HTTP, the browser's dialect: WebSockets at `/chat`, and unary calls by the Connect protocol. */
export function webDialect(parts: WebParts): Dialect {
  const { scheduler } = parts.engine
  const connections = new Map<Duplex, WebConnection>()
  const sockets = webSockets(parts)
  const site = {
    webOrigins: parts.webOrigins,
    calls: connectCalls({ ...parts, scheduler }),
    goes: false,
  }
  const options = {
    maxHeaderSize: maxHeadBytes,
    // Kept by our own clock.
    keepAliveTimeout: 0,
    shouldUpgradeCallback: asksForSocket,
  }
  const server = createServer(options, (request, response) => {
    const connection = connections.get(request.socket)
    if (!connection?.begins(response)) return void request.socket.destroy()
    request.once('end', () => connection.asked())
    serve(site, request, response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.open(request, socket, head, () => connections.get(socket)?.release())
  })
  return {
    name: 'HTTP',
    recognises: (head) => startsWithOne(head, openings),
    take(socket: Socket) {
      connections.set(socket, new WebConnection(socket, scheduler))
      socket.once('close', () => connections.delete(socket))
      server.emit('connection', socket)
      socket.resume()
    },
    drain() {
      site.goes = true
      sockets.drain()
      for (const connection of connections.values()) connection.drain()
    },
    close: () => void server.close(),
  }
}

/** What is served to requests that become no socket. */
interface Site {
  readonly webOrigins: readonly string[]
  readonly calls: ConnectCalls
  /** The relay stops. */
  readonly goes: boolean
}

function serve(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const { origin, host } = request.headers
  tell(response, safely)
  tell(response, keepAlive)
  if (!isOriginAllowed(origin, host, site.webOrigins)) {
    return sayWords(response, 403, 'Pages of this origin may not speak with this server.')
  }
  tell(response, sharedWith(origin))
  if (site.goes) return sayWords(response, 503, goingAway, { Connection: 'close' })
  const [path = ''] = (request.url ?? '').split('?')
  if (path === '/' || path === chatPath) return sayWords(response, 426, spokenHere, upgrade)
  if (!site.calls.has(path)) return sayWords(response, 404, `There is nothing here. ${spokenHere}`)
  if (isPreflight(request)) return void response.writeHead(204, preflightFields).end()
  if (request.method === 'POST') return site.calls.serve(path, request, response)
  sayWords(response, 405, 'Methods are called by POST.', { Allow: 'POST, OPTIONS' })
}

function tell(response: ServerResponse, fields: Fields): void {
  for (const [name, value] of Object.entries(fields)) response.setHeader(name, value)
}

const upgrade: Fields = { Connection: 'close', Upgrade: 'websocket' }
/** A little less than the connection is kept, so that no call crosses its end. */
const keepAlive: Fields = { 'Keep-Alive': 'timeout=15' }
const goingAway = 'This relay stops; connect again.'
const spokenHere = `This is a chat server. A browser speaks WebSocket with it, at ${chatPath}.`
