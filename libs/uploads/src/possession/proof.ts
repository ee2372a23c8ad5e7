import { buffer } from 'node:stream/consumers'
import { keyedDigest } from '@parley/blob-store'
import type { OpenBlob } from '@parley/blob-store'
import type { ByteRange } from '../http/ranges.ts'

/** What keys of proofs are derived for; the client says the same. */
export const proofContext = 'parley 2026-11 proof of possession'

// As many as a bucket answers about as fast as one.
const maxReadsAtOnce = 16

/** What the ranges of a blob prove under a nonce: 32 bytes. */
export async function proofOf(
  blob: OpenBlob,
  nonce: Uint8Array,
  ranges: readonly ByteRange[],
): Promise<Buffer> {
  const parts: Buffer[] = []
  for (let done = 0; done < ranges.length; done += maxReadsAtOnce) {
    const some = ranges.slice(done, done + maxReadsAtOnce)
    parts.push(...(await Promise.all(some.map((range) => read(blob, range)))))
  }
  return keyedDigest(proofContext, nonce, parts)
}

async function read(blob: OpenBlob, { start, end }: ByteRange): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start)
  const count = blob.read ? await blob.read(bytes, start) : await stream(blob, bytes, start)
  if (count === bytes.length) return bytes
  throw new Error(`a blob gave ${count} of ${bytes.length} bytes`)
}

async function stream(blob: OpenBlob, into: Buffer, start: number): Promise<number> {
  const bytes = await buffer(blob.stream(start, start + into.length))
  return bytes.copy(into)
}
