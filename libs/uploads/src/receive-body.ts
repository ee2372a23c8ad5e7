import type { Digest } from '@parley/blob-store'
import { ChecksumCheck } from './checksum.ts'
import type { Checksum } from './checksum.ts'
import { PartWriter } from './part-writer.ts'
import type { WritableFile } from './part-writer.ts'
import { uploadTooLong } from './refusals.ts'

/** The bytes of one request, and what they must be. */
export interface Body {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly checksum?: Checksum | undefined
}

/** Where a body goes. */
export interface BodyTarget {
  readonly file: WritableFile
  /** Takes in what is written; none for a body with a checksum, which may come to nothing. */
  readonly digest: Digest | undefined
  readonly offsetBytes: number
  readonly sizeBytes: number
  /** Hears how far the bytes are on disk for certain. */
  readonly onDurable: (offsetBytes: number) => void
}

/** How a body ended: the digest, if any, counts all bytes up to the last durable one, or is spoilt. */
export interface Received {
  readonly digestIsGood: boolean
  /** Why it ended before its end, if it did. */
  readonly failure: Error | undefined
}

/**
 * Writes a body to disk. One that breaks off keeps the bytes that came; one with a checksum is
 * taken as a whole or not at all.
 */
export function receiveBody(body: Body, target: BodyTarget): Promise<Received> {
  return body.checksum ? receiveWhole(body, body.checksum, target) : receivePrefix(body, target)
}

async function receivePrefix(body: Body, target: BodyTarget): Promise<Received> {
  const writer = new PartWriter(target.file, target.offsetBytes, target.onDurable)
  const failure = await attempt(() => pour(body, target, writer))
  const flushFailure = await attempt(() => writer.flush())
  await writer.settle()
  return { digestIsGood: flushFailure === undefined, failure: flushFailure ?? failure }
}

async function receiveWhole(body: Body, checksum: Checksum, target: BodyTarget): Promise<Received> {
  // Nothing is recorded on the way: a crash must leave the offset where it was.
  const writer = new PartWriter(target.file, target.offsetBytes, () => undefined)
  const check = new ChecksumCheck(checksum)
  const failure = await attempt(async () => {
    await pour(body, target, writer, check)
    check.assertMatch()
    target.onDurable(await writer.flush())
  })
  await writer.settle()
  return { digestIsGood: true, failure }
}

async function pour(body: Body, target: BodyTarget, writer: PartWriter, check?: ChecksumCheck) {
  for await (const chunk of body.chunks) {
    if (writer.offsetBytes + chunk.byteLength > target.sizeBytes) throw uploadTooLong()
    target.digest?.update(chunk)
    check?.update(chunk)
    await writer.write(chunk)
  }
}

// The failure of `work`, or undefined.
async function attempt(work: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
