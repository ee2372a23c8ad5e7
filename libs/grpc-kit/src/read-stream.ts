import type { Readable } from 'node:stream'
import { decoded } from './malformed.ts'
import { appErrorFromGrpc } from './status.ts'

/**
 * The messages of a stream, of either side, one at a time and no faster than they are taken. Ends
 * when the other side ends or hangs up (a server's `CallInfo.signal` tells which: grpc-js shows
 * both as an end); throws an `AppError` when the call fails or brings what cannot be decoded.
 * Leaving the loop early leaves the stream open for writing.
 */
export async function* readStream<T>(stream: Readable & { read(): T | null }): AsyncGenerator<T> {
  const messages = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<T>
  try {
    for await (const message of messages) yield decoded(message)
  } catch (error) {
    if (!isHangUp(error)) throw appErrorFromGrpc(error)
  }
}

function isHangUp(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR'
}
