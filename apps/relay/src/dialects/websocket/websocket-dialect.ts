import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Timer } from '@parley/service-kit'
import type { Dialect, Recognition } from '../../door/dialect.ts'
import { startsWith } from '../../door/first-bytes.ts'
import { maxRequestBytes } from '../../session/connection-limits.ts'
import type { Connections } from '../../session/connections.ts'
import type { Engine } from '../../session/engine.ts'
import { isOriginAllowed } from './origins.ts'
import { binaryFrames, jsonFrames } from './frame-formats.ts'
import { serveSocket } from './websocket-stream.ts'

/** How long a connection may take to become a socket, or to get its answer. */
const requestMs = 10_000
const maxHeadBytes = 8 * 1024
/** How long a socket that was closed may take to hang up. */
const closeMs = 5_000
/** Where sockets are opened. */
const chatPath = '/chat'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']
const openings = methods.map((method) => Buffer.from(`${method} /`))

/** What the dialect is made of. */
export interface WebSocketParts {
  readonly engine: Engine
  readonly connections: Connections
  /** Origins of pages, beside the relay's own host, that may open sockets. */
  readonly webOrigins: readonly string[]
}

/** WebSocket (RFC 6455), the browser's dialect; other HTTP is told what is spoken here. */
export function websocketDialect(parts: WebSocketParts): Dialect {
  // @NOTE the types of ws do not know `closeTimeout` yet.
  const options = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxRequestBytes,
    closeTimeout: closeMs,
    clientTracking: false,
    // Answered here, within bounds.
    autoPong: false,
  }
  const sockets = new WebSocketServer(options)
  const json = jsonFrames()
  // A server that does not listen itself keeps none of Node's own time limits.
  const server = createServer({ maxHeaderSize: maxHeadBytes }, turnAway)
  const waiting = new WeakMap<Duplex, Timer>()
  let isDraining = false
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = isDraining ? goingAway : refusalOf(request, parts.webOrigins)
    if (refusal !== undefined) return void socket.end(refusal, () => socket.destroy())
    waiting.get(socket)?.cancel()
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const format = formatOf(request) === 'json' ? json : binaryFrames
      serveSocket(webSocket, format, parts.engine, parts.connections)
    })
  })
  return {
    name: 'WebSocket',
    recognises: (head) => recognises(head),
    take(socket) {
      const late = parts.engine.scheduler.setTimer(requestMs, () => socket.destroy())
      waiting.set(socket, late)
      socket.once('close', () => late.cancel())
      server.emit('connection', socket)
      socket.resume()
    },
    drain: () => void (isDraining = true),
    close: () => void server.close(),
  }
}

function recognises(head: Buffer): Recognition {
  const answers = openings.map((opening) => startsWith(head, opening))
  if (answers.includes('yes')) return 'yes'
  return answers.includes('more') ? 'more' : 'no'
}

function turnAway(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, {
    Connection: 'close',
    Upgrade: 'websocket',
    'Content-Type': 'text/plain; charset=utf-8',
  })
  response.end(`This is a chat server. A browser speaks WebSocket with it, at ${chatPath}.\n`)
}

function refusalOf({ url = '', headers }: IncomingMessage, webOrigins: readonly string[]) {
  const [path] = url.split('?')
  if (path !== chatPath) return answer('404 Not Found', `Sockets are opened at ${chatPath}.`)
  if (isOriginAllowed(headers.origin, headers.host, webOrigins)) return undefined
  return answer('403 Forbidden', 'Pages of this origin may not open sockets here.')
}

function formatOf({ url = '' }: IncomingMessage): string | null {
  return new URLSearchParams(url.split('?')[1]).get('format')
}

/** What is answered while the relay waits for its devices to go. */
const goingAway = answer('503 Service Unavailable', 'This relay stops; connect again.')

function answer(status: string, words: string): string {
  const body = `${words}\n`
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
