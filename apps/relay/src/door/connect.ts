import type { ServerDuplexStream } from '@grpc/grpc-js'
import { Metadata, status } from '@grpc/grpc-js'
import { MalformedRequest, grpcService, reasonTrailer } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { Connection } from '../session/connection.ts'
import type { Connections } from '../session/connections.ts'
import type { Engine } from '../session/engine.ts'
import type { Outlet } from '../session/outlet.ts'
import type { Ended } from '../session/stream.ts'

type Call = ServerDuplexStream<chat.ConnectRequest, Buffer>

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
  const connection = new Connection(engine, outletOf(call), (why) => fail(call, why))
  connections.add(connection)
  const over = (clean: boolean) => {
    connection.ended(clean)
    connections.remove(connection)
  }
  call.on('data', (request: chat.ConnectRequest | MalformedRequest) => {
    if (request instanceof MalformedRequest) connection.refuse(malformed)
    else connection.frame(request)
  })
  call.on('drain', () => connection.drained())
  call.on('cancelled', () => over(false))
  // A reset stream errors; `cancelled` or `close` follows and ends the connection.
  call.on('error', () => over(false))
  call.on('close', () => over(false))
  call.on('end', () => {
    over(false)
    call.end()
  })
}

const malformed: Ended = { reason: 'MALFORMED', message: 'the frame cannot be decoded' }

function outletOf(call: Call): Outlet {
  return {
    write: (frame) => call.write(frame),
    end: () => void call.end(),
    destroy: () => void call.destroy(),
    pause: () => void call.pause(),
    resume: () => void call.resume(),
  }
}

const codes: Readonly<Record<string, status>> = {
  HELLO_FIRST: status.FAILED_PRECONDITION,
  HELLO_TWICE: status.FAILED_PRECONDITION,
  HELLO_LATE: status.DEADLINE_EXCEEDED,
  PROTOCOL_UNSUPPORTED: status.FAILED_PRECONDITION,
  DEVICE_MISMATCH: status.UNAUTHENTICATED,
  TOKEN_MISSING: status.UNAUTHENTICATED,
  TOKEN_MALFORMED: status.UNAUTHENTICATED,
  TOKEN_EXPIRED: status.UNAUTHENTICATED,
  TOKEN_INVALID: status.UNAUTHENTICATED,
  MALFORMED: status.INVALID_ARGUMENT,
  TOO_MANY_CURSORS: status.INVALID_ARGUMENT,
  TOO_MANY_SESSIONS: status.RESOURCE_EXHAUSTED,
  FRAME_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  INTERNAL: status.INTERNAL,
}

function fail(call: Call, why: Ended): void {
  const metadata = new Metadata()
  metadata.set(reasonTrailer, why.reason)
  const code = codes[why.reason] ?? status.UNAVAILABLE
  // grpc-js answers an emitted error with its status and trailers.
  call.emit(
    'error',
    Object.assign(new Error(why.message), { code, details: why.message, metadata }),
  )
}
