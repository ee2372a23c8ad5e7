import type { MethodDefinition, StatusObject } from '@grpc/grpc-js'
import type { CallInfo, ServerCall } from './call-info.ts'
import type { GrpcService } from './service.ts'

/** What a method answered: the bytes of a message, or the status of a failure. */
export type UnaryAnswer =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: StatusObject }

/** A method with one request and one answer, for transports other than gRPC. */
export interface UnaryMethod {
  /** `/package.Service/Method`. */
  readonly path: string
  /** Hands the bytes of a request to the handler that gRPC has, too. */
  answer(request: Buffer, call: CallInfo): Promise<UnaryAnswer>
}

/** The methods of services that are no streams. */
export function unaryMethods(services: readonly GrpcService[]): UnaryMethod[] {
  return services.flatMap(({ definition, implementation }) =>
    Object.entries(definition).flatMap(([name, method]) => {
      const handle = implementation[name] as unknown as Handle | undefined
      if (handle === undefined || method.requestStream || method.responseStream) return []
      return [{ path: method.path, answer: answering(method, handle) }]
    }),
  )
}

type Method = Pick<MethodDefinition<unknown, unknown>, 'requestDeserialize' | 'responseSerialize'>

function answering(method: Method, handle: Handle): UnaryMethod['answer'] {
  return async (bytes, info) => {
    const answered = Promise.withResolvers<readonly [StatusObject | null, unknown]>()
    const request: unknown = method.requestDeserialize(bytes)
    handle(serverCall(request, info), (...outcome) => answered.resolve(outcome))
    const [status, response] = await answered.promise
    if (status !== null) return { ok: false, status }
    return { ok: true, bytes: method.responseSerialize(response) }
  }
}

/** What `unary` makes of a handler, as far as it looks at a call. */
type Handle = (
  call: ServerCall & { readonly request: unknown },
  answered: (status: StatusObject | null, response: unknown) => void,
) => void

function serverCall(request: unknown, { path, peer, metadata, signal }: CallInfo) {
  return {
    request,
    metadata,
    getPath: () => path,
    getPeer: () => peer,
    once: (_event: 'cancelled', listener: () => void) =>
      signal.addEventListener('abort', listener, { once: true }),
  }
}
