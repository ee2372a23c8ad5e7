import type {
  ServerDuplexStream,
  ServerWritableStream,
  handleBidiStreamingCall,
  handleServerStreamingCall,
} from '@grpc/grpc-js'
import { callInfo, failedCall } from './call-info.ts'
import type { CallContext, CallInfo } from './call-info.ts'
import { decoded } from './malformed.ts'
import { readStream } from './read-stream.ts'
import { StreamWriter } from './stream-writer.ts'

/** Answers one request with many messages. */
export type ServerStreamHandler<Req, Res> = (
  request: Req,
  writer: StreamWriter<Res>,
  call: CallInfo,
) => Promise<void>

/** Talks both ways until it returns. */
export type BidiHandler<Req, Res> = (
  messages: AsyncIterable<Req>,
  writer: StreamWriter<Res>,
  call: CallInfo,
) => Promise<void>

/** An async function as a grpc-js server-streaming handler; the stream ends when it returns. */
export function serverStream<Req, Res>(
  ctx: CallContext,
  handler: ServerStreamHandler<Req, Res>,
): handleServerStreamingCall<Req, Res> {
  return (call) => {
    const writer = new StreamWriter<Res>(call)
    finish(ctx, call, async () => handler(decoded(call.request), writer, callInfo(call)))
  }
}

/** An async function as a grpc-js bidirectional handler; the stream ends when it returns. */
export function bidi<Req, Res>(
  ctx: CallContext,
  handler: BidiHandler<Req, Res>,
): handleBidiStreamingCall<Req, Res> {
  return (call) => {
    const writer = new StreamWriter<Res>(call)
    finish(ctx, call, async () => handler(readStream<Req>(call), writer, callInfo(call)))
  }
}

type EndingCall = ServerDuplexStream<unknown, never> | ServerWritableStream<unknown, never>

function finish(
  ctx: CallContext,
  call: Pick<EndingCall, 'cancelled' | 'emit' | 'end' | 'getPath'>,
  run: () => Promise<void>,
): void {
  run().then(
    () => call.end(),
    (error: unknown) => {
      const answer = failedCall(ctx, call.getPath(), error)
      if (!call.cancelled) call.emit('error', answer)
    },
  )
}
