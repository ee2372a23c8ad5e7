import type { Metadata } from '@grpc/grpc-js'
import { AppError, isAppError } from '@parley/errors'
import type { Logger } from '@parley/service-kit'
import { grpcStatus } from './status.ts'

/** What a handler may know of the call it answers. */
export interface CallInfo {
  /** `/package.Service/Method`. */
  readonly path: string
  /** `address:port` of the caller. */
  readonly peer: string
  readonly metadata: Metadata
  /** Aborts when the caller hangs up or its deadline passes. */
  readonly signal: AbortSignal
}

/** What the adapters need of their service. */
export interface CallContext {
  readonly log: Pick<Logger, 'error'>
}

/** The parts of a grpc-js server call that the adapters use. */
export interface ServerCall {
  readonly metadata: Metadata
  getPath(): string
  getPeer(): string
  once(event: 'cancelled', listener: () => void): unknown
}

/** The facts of a call, with a signal that follows its cancellation. */
export function callInfo(call: ServerCall): CallInfo {
  const controller = new AbortController()
  call.once('cancelled', () => {
    controller.abort(new AppError('cancelled', 'CALL_CANCELLED', 'the caller is gone'))
  })
  return {
    path: call.getPath(),
    peer: call.getPeer(),
    metadata: call.metadata,
    signal: controller.signal,
  }
}

/** The status to send for a failed call; what the caller may not read is logged, with its stack. */
export function failedCall(ctx: CallContext, path: string, error: unknown) {
  const answer = grpcStatus(error)
  if (isUnexpected(error)) ctx.log.error({ err: error, path }, 'call failed unexpectedly')
  return answer
}

function isUnexpected(error: unknown): boolean {
  return !isAppError(error) || error.kind === 'internal' || error.kind === 'corrupt'
}
