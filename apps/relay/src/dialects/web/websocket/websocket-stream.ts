import type { RawData, WebSocket } from 'ws'
import { statusOf } from '../../../door/status-of.ts'
import { Connection } from '../../../session/connection.ts'
import type { Connections } from '../../../session/connections.ts'
import type { Engine } from '../../../session/engine.ts'
import { malformed } from '../../../session/stream.ts'
import type { Ended } from '../../../session/stream.ts'
import type { FrameFormat } from './frame-formats.ts'
import { WebSocketOutlet } from './websocket-outlet.ts'

/** Close codes of an application begin here (RFC 6455, section 7.4.2); gRPC's code is added. */
const firstCloseCode = 4000

/** Pings are answered while fewer bytes than this wait to be written. */
const maxPongBacklogBytes = 64 * 1024

/** Serves one stream of a device over a WebSocket, as gRPC serves `Chat.Connect`. */
export function serveSocket(
  socket: WebSocket,
  format: FrameFormat,
  engine: Engine,
  connections: Connections,
): void {
  const outlet = new WebSocketOutlet(socket, engine.scheduler, format, {
    advanced: () => connection.advanced(),
    drained: () => connection.drained(),
  })
  const connection = new Connection(engine, outlet, (why) => {
    outlet.close(firstCloseCode + statusOf(why), `${why.reason}: ${why.message}`)
  })
  connections.add(connection)
  socket.on('message', (message: RawData, isBinary) => {
    if (connection.isOver) return
    take(connection, format, message as Buffer, isBinary)
  })
  // Who sends pings without reading gets no answer rather than memory.
  socket.on('ping', (payload) => {
    if (socket.bufferedAmount < maxPongBacklogBytes) socket.pong(payload)
  })
  // A message over the limit and a broken one: `close` follows, with a code that says so.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    connection.ended(false)
    connections.remove(connection)
  })
}

function take(connection: Connection, format: FrameFormat, message: Buffer, isBinary: boolean) {
  const isEarly = connection.session === undefined
  if (isEarly && message.length > format.maxEarlyBytes) return connection.refuse(tooMuchTooEarly)
  const frame = format.decode(message, isBinary)
  if (frame === undefined) connection.refuse(malformed)
  else connection.frame(frame)
}

const tooMuchTooEarly: Ended = {
  reason: 'FRAME_TOO_LARGE',
  message: 'a frame is shorter until the hello is answered',
}
