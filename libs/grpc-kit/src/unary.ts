import type { handleUnaryCall } from '@grpc/grpc-js'
import { callInfo, failedCall } from './call-info.ts'
import type { CallContext, CallInfo } from './call-info.ts'
import { decoded } from './malformed.ts'

/** Answers one request. */
export type UnaryHandler<Req, Res> = (request: Req, call: CallInfo) => Res | Promise<Res>

/** An async function as a grpc-js handler: what it throws becomes a status with a reason. */
export function unary<Req, Res>(
  ctx: CallContext,
  handler: UnaryHandler<Req, Res>,
): handleUnaryCall<Req, Res> {
  return (call, callback) => {
    const answer = async () => handler(decoded(call.request), callInfo(call))
    answer().then(
      (response) => callback(null, response),
      (error: unknown) => callback(failedCall(ctx, call.getPath(), error)),
    )
  }
}
