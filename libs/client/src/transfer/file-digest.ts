import { Blake3Hasher } from '@napi-rs/blake-hash'
import { createReadStream } from 'node:fs'

const chunkBytes = 1024 * 1024

/** The BLAKE3 digest of a file's bytes, in hex. */
export async function fileDigest(path: string): Promise<string> {
  const hasher = new Blake3Hasher()
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    hasher.update(chunk as Buffer)
  }
  return hasher.digestBuffer().toString('hex')
}
