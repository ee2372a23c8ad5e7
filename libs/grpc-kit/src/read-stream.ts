import type { Readable } from 'node:stream'
import { AppError } from '@parley/errors'
import { decoded } from './malformed.ts'
import { appErrorFromGrpc } from './status.ts'

/**
 * The messages of a stream, of either side, one at a time and no faster than they are taken. Ends
 * when the other side ends; throws an `AppError` when it fails, hangs up, or sends what cannot be
 * decoded. Leaving the loop early leaves the stream open for writing.
 */
export async function* readStream<T>(stream: Readable & { read(): T | null }): AsyncGenerator<T> {
  const messages = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<T>
  try {
    for await (const message of messages) yield decoded(message)
  } catch (error) {
    throw streamError(error)
  }
}

function streamError(error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ABORT_ERR') return appErrorFromGrpc(error)
  return new AppError('cancelled', 'STREAM_ENDED', 'the other side hung up', { cause: error })
}
