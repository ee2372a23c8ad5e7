import { MalformedRequest, grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { Connection } from '../../session/connection.ts'
import type { Connections } from '../../session/connections.ts'
import type { Engine } from '../../session/engine.ts'
import { malformed } from '../../session/stream.ts'
import { statusOf } from '../../door/status-of.ts'
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
