import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { maxRequestBytes } from '../../../session/connection-limits.ts'
import type { Connections } from '../../../session/connections.ts'
import type { Engine } from '../../../session/engine.ts'
import { isOriginAllowed } from '../origins.ts'
import { binaryFrames, jsonFrames } from './frame-formats.ts'
import { serveSocket } from './websocket-stream.ts'

/** How long a socket that was closed may take to hang up. */
const closeMs = 5_000

/** Where sockets are opened. */
export const chatPath = '/chat'

/** What sockets are served with. */
export interface WebSocketParts {
  readonly engine: Engine
  readonly connections: Connections
  /** Origins of pages, beside the relay's own host, that may open sockets. */
  readonly webOrigins: readonly string[]
}

/** The WebSockets (RFC 6455) of a server. */
export interface WebSockets {
  /** Makes a request a socket, and says so, or refuses it in words. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer, opened: () => void): void
  /** Opens no more. */
  drain(): void
}

/** Serves the chat stream over WebSockets. */
export function webSockets({ engine, connections, webOrigins }: WebSocketParts): WebSockets {
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
  let isDraining = false
  return {
    open(request, socket, head, opened) {
      const refusal = isDraining ? goingAway : refusalOf(request, webOrigins)
      if (refusal !== undefined) return void socket.end(refusal, () => socket.destroy())
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        opened()
        const format = formatOf(request) === 'json' ? json : binaryFrames
        serveSocket(webSocket, format, engine, connections)
      })
    },
    drain: () => void (isDraining = true),
  }
}

/** Whether somebody asks for a socket; other upgrades, which HTTP/2 clients offer, are passed over. */
export function asksForSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
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
