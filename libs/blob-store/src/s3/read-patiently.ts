import type { Readable } from 'node:stream'
import { AppError } from '@parley/errors'
import { Backoff, delay, within } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { bucketError } from './s3-errors.ts'

/** How long a bucket may be silent in the middle of an object. */
const idleLimitMs = 15_000
/** Attempts in a row that brought nothing. */
const maxBarren = 3

/** Which bytes are wanted, and how they are asked for. */
export interface PatientRead {
  readonly start: number
  readonly end: number
  /** One attempt from there on; undefined when the object is gone. */
  readonly ask: (start: number) => Promise<Readable | undefined>
  readonly scheduler: Scheduler
}

/**
 * Bytes of an object as they come. An answer that is cut off or falls silent is asked for again from
 * where it stopped, as long as every third attempt at the latest brings something.
 */
export async function* readPatiently(read: PatientRead): AsyncGenerator<Buffer> {
  const backoff = new Backoff(read.scheduler, { baseMs: 200, capMs: 2_000 })
  let at = read.start
  while (at < read.end) {
    const before = at
    try {
      for await (const chunk of attempt(read, at)) {
        at += chunk.byteLength
        yield chunk
      }
    } catch (error) {
      const failure = bucketError(error)
      if (at > before) backoff.reset()
      if (failure.reason !== 'BUCKET_UNAVAILABLE' || backoff.attempts >= maxBarren - 1) {
        throw failure
      }
      await delay(read.scheduler, backoff.next())
    }
  }
}

// One answer, up to the last byte that was asked for; throws unless it had them all.
async function* attempt({ ask, end, scheduler }: PatientRead, from: number) {
  const body = await ask(from)
  if (!body) throw new AppError('corrupt', 'BLOB_GONE', 'the blob was deleted meanwhile')
  // A body that fails between two reads must not end the process.
  body.on('error', () => undefined)
  try {
    const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    let at = from
    while (at < end) {
      const next = await within(scheduler, idleLimitMs, 'waiting for bytes', chunks.next())
      if (next.done) throw new Error('the answer ended early')
      const chunk = next.value.subarray(0, end - at)
      at += chunk.byteLength
      yield chunk
    }
  } finally {
    body.destroy()
  }
}
