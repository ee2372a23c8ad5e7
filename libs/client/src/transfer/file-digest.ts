import { Blake3Hasher } from '@napi-rs/blake-hash'
import { createReadStream } from 'node:fs'

const chunkBytes = 1024 * 1024

/** The BLAKE3 digest of a file's bytes, in hex; ends with an `AbortError` when the signal aborts. */
export async function fileDigest(path: string, signal?: AbortSignal): Promise<string> {
  const hasher = new Blake3Hasher()
  const options = { highWaterMark: chunkBytes, ...(signal && { signal }) }
  for await (const chunk of createReadStream(path, options)) {
    hasher.update(chunk as Buffer)
  }
  return hasher.digestBuffer().toString('hex')
}
