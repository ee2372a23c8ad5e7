import type { Metadata } from '@grpc/grpc-js'
import { callError } from '../servers/call-error.ts'
import type { Door } from '../servers/servers.ts'

/** A unary method as ts-proto describes it. */
export interface UnaryMethod<Req, Res> {
  readonly path: string
  readonly requestStream: false
  readonly responseStream: false
  readonly requestSerialize: (request: Req) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => Req
  readonly responseDeserialize: (bytes: Buffer) => Res
}

/** One attempt at a call. */
export interface Attempt<Req, Res> {
  readonly door: Door
  readonly method: UnaryMethod<Req, Res>
  readonly request: Req
  readonly metadata: Metadata
  readonly limitMs: number
  readonly signal: AbortSignal | undefined
}

/** Makes one attempt; rejects with what the server threw, as an `AppError`. */
export function attemptUnary<Req, Res>(attempt: Attempt<Req, Res>): Promise<Res> {
  const { door, method, request, metadata, limitMs, signal } = attempt
  return new Promise((resolve, reject) => {
    const cancel = () => call.cancel()
    const call = door.client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      { deadline: new Date(Date.now() + limitMs) },
      (error, response) => {
        signal?.removeEventListener('abort', cancel)
        if (error) reject(callError(error, door.server))
        else if (response !== undefined) resolve(response)
      },
    )
    signal?.addEventListener('abort', cancel, { once: true })
  })
}
