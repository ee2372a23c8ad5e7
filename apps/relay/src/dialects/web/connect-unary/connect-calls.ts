import type { IncomingMessage, ServerResponse } from 'node:http'
import { Metadata } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { failedCall, grpcStatus, unaryMethods } from '@parley/grpc-kit'
import type { GrpcService, UnaryMethod } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { formatAddress, within } from '@parley/service-kit'
import type { Logger, Scheduler } from '@parley/service-kit'
import { answerWith, sayWords } from '../answers.ts'
import { callMsOf } from './call-settings.ts'
import { codecsOf, mediaTypeOf } from './codecs.ts'
import type { Codec } from './codecs.ts'
import { readBody } from './read-body.ts'
import { sayFailure } from './say-failure.ts'

/** What calls are served with. */
export interface ConnectCallsParts {
  readonly services: readonly GrpcService[]
  readonly scheduler: Scheduler
  readonly log: Pick<Logger, 'error'>
}

/** The unary methods of services, called by the Connect protocol (connectrpc.com/docs/protocol). */
export interface ConnectCalls {
  /** Whether there is a method at a path. */
  has(path: string): boolean
  /** Answers a POST at the path of a method. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): void
}

/** Methods that are streams, which HTTP has in other ways. */
const streams: ReadonlySet<string> = new Set([chat.ChatService.connect.path])

/** Serves the handlers that gRPC has over plain HTTP. */
export function connectCalls(parts: ConnectCallsParts): ConnectCalls {
  const calls = new Map(
    unaryMethods(parts.services).map((method) => [
      method.path,
      { method, codecs: codecsOf(method.path) },
    ]),
  )
  return {
    has: (path) => calls.has(path) || streams.has(path),
    serve(path, request, response) {
      const call = calls.get(path)
      if (call === undefined) return sayFailure(response, streamOnly)
      const codec = call.codecs.get(mediaTypeOf(request) ?? '')
      if (codec === undefined) return sayUnsupported(response)
      answer(parts, { ...call, codec, request, response }).catch((error: unknown) => {
        sayFailure(response, failedCall(parts, path, error))
      })
    },
  }
}

interface Asked {
  readonly method: UnaryMethod
  readonly codec: Codec
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function answer({ scheduler }: ConnectCallsParts, asked: Asked): Promise<void> {
  const { method, codec, request, response } = asked
  const callMs = callMsOf(request.headers)
  const caller = new AbortController()
  const work = async () => {
    const bytes = codec.toBytes(await readBody(request, codec.maxBytes))
    const info = { ...callerOf(request), path: method.path, signal: caller.signal }
    return method.answer(bytes, info)
  }
  response.once('close', () => caller.abort())
  const answered = await within(scheduler, callMs, 'the call', work())
  if (!answered.ok) return sayFailure(response, answered.status)
  const type = { 'Content-Type': codec.mediaType }
  answerWith(response, 200, codec.fromBytes(answered.bytes), type)
}

/** What metadata can hold; what else HTTP lets through is in no token. */
const printable = /^[ -~]*$/

/** Who calls: of the headers only the token says so. */
function callerOf({ socket, headers: { authorization } }: IncomingMessage) {
  const metadata = new Metadata()
  if (authorization !== undefined && printable.test(authorization)) {
    metadata.set('authorization', authorization)
  }
  return { metadata, peer: formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0) }
}

function sayUnsupported(response: ServerResponse): void {
  const types = 'application/json, application/proto'
  sayWords(response, 415, `A call is written in one of ${types}.`, { 'Accept-Post': types })
}

const streamOnly = grpcStatus(
  new AppError('unsupported', 'STREAM_ONLY', 'this is a stream: by gRPC, or a WebSocket at /chat'),
)
