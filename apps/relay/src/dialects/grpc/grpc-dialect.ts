import { ServerCredentials } from '@grpc/grpc-js'
import { addServices, makeGrpcServer } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import type { Dialect } from '../../door/dialect.ts'
import { startsWith } from '../../door/first-bytes.ts'

/** Calls at once on one connection of a client. */
const maxConcurrentStreams = 8
/** How long calls that were ended may take to hand over their ends when the door closes. */
const lastWordsMs = 2_000

/** How every HTTP/2 connection begins that knows beforehand (RFC 9113, section 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n')

/**
 * gRPC, the dialect of Parley's own clients. With an injector grpc-js ends no connection when it
 * shuts down: whoever opened them does.
 */
export function grpcDialect(services: readonly GrpcService[]): Dialect {
  const server = makeGrpcServer({ maxConcurrentStreams })
  addServices(server, services)
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    name: 'gRPC',
    recognises: (head) => startsWith(head, preface),
    take: (socket) => injector.injectConnection(socket),
    // It cuts what is left by then, and the last words of streams come after the limit.
    drain: (limitMs) => injector.drain(limitMs + lastWordsMs),
    close() {
      injector.destroy()
      server.forceShutdown()
    },
  }
}
