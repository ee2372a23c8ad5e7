import { status } from '@grpc/grpc-js'
import { isAppError } from '@parley/errors'
import { MalformedRequest, grpcCode, grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { Connection } from '../session/connection.ts'
import type { Connections } from '../session/connections.ts'
import type { Engine } from '../session/engine.ts'
import type { Ended } from '../session/stream.ts'
import { GrpcOutlet } from './grpc-outlet.ts'
import type { Call } from './grpc-outlet.ts'

/** Frames leave the engine encoded, so they are written as they are. */
const { connect } = chat.ChatService
const definition = { connect: { ...connect, responseSerialize: (frame: Buffer) => frame } }

/** The dialect of gRPC: one Connect stream per device. */
export function chatService(engine: Engine, connections: Connections): GrpcService {
  return grpcService(definition, {
    connect: (call: Call) => serve(call, engine, connections),
  })
}

function serve(call: Call, engine: Engine, connections: Connections): void {
  const outlet = new GrpcOutlet(call, engine.scheduler, {
    advanced: () => connection.advanced(),
    drained: () => connection.drained(),
  })
  const connection = new Connection(engine, outlet, (why) => {
    outlet.fail(statusOf(why), why)
  })
  connections.add(connection)
  const over = () => {
    connection.ended(false)
    connections.remove(connection)
  }
  call.on('data', (request: chat.ConnectRequest | MalformedRequest) => {
    if (request instanceof MalformedRequest) connection.refuse(malformed)
    else connection.frame(request)
  })
  call.on('cancelled', over)
  // A reset stream errors; `cancelled` or `close` follows and ends the connection.
  call.on('error', over)
  call.on('close', over)
  call.on('end', () => {
    outlet.end()
    over()
  })
}

const malformed: Ended = { reason: 'MALFORMED', message: 'the frame cannot be decoded' }

const codes: Readonly<Record<string, status>> = {
  HELLO_FIRST: status.FAILED_PRECONDITION,
  HELLO_TWICE: status.FAILED_PRECONDITION,
  HELLO_LATE: status.DEADLINE_EXCEEDED,
  PROTOCOL_UNSUPPORTED: status.FAILED_PRECONDITION,
  CLIENT_TOO_OLD: status.FAILED_PRECONDITION,
  DEVICE_MISMATCH: status.UNAUTHENTICATED,
  TOKEN_EXPIRED: status.UNAUTHENTICATED,
  TOKEN_INVALID: status.UNAUTHENTICATED,
  MALFORMED: status.INVALID_ARGUMENT,
  TOO_MANY_CURSORS: status.INVALID_ARGUMENT,
  TOO_MANY_SESSIONS: status.RESOURCE_EXHAUSTED,
  FRAME_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  INTERNAL: status.INTERNAL,
}

// A device repeats what failed as UNAVAILABLE: a login that is over must not look so.
function statusOf(why: Ended): status {
  if (isAppError(why)) return grpcCode(why.kind)
  return codes[why.reason] ?? status.UNAVAILABLE
}
