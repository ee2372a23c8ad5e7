import type { ServerDuplexStream, handleBidiStreamingCall } from '@grpc/grpc-js'
import { callInfo, failedCall } from './call-info.ts'
import type { CallContext, CallInfo } from './call-info.ts'
import { readStream } from './read-stream.ts'
import { StreamWriter } from './stream-writer.ts'

/** Talks both ways until it returns. */
export type BidiHandler<Req, Res> = (
  messages: AsyncIterable<Req>,
  writer: StreamWriter<Res>,
  call: CallInfo,
) => Promise<void>

/**
 * An async function as a grpc-js bidirectional handler: when it returns the stream ends after what
 * was written, and what it throws becomes a status with a reason.
 */
export function bidi<Req, Res>(
  ctx: CallContext,
  handler: BidiHandler<Req, Res>,
): handleBidiStreamingCall<Req, Res> {
  return (call) => {
    const writer = new StreamWriter<Res>(call)
    const answer = async () => {
      await handler(readStream<Req>(call), writer, callInfo(call))
      await writer.end()
    }
    answer().catch((error: unknown) => fail(ctx, call, error))
  }
}

// A call whose peer has gone takes no status; its handler usually failed because of just that.
function fail<Req, Res>(
  ctx: CallContext,
  call: ServerDuplexStream<Req, Res>,
  error: unknown,
): void {
  const answer = failedCall(ctx, call.getPath(), error)
  if (!call.cancelled) call.emit('error', answer)
}
