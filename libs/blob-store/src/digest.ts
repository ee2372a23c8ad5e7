import { createReadStream } from 'node:fs'
import { Blake3Hasher } from '@napi-rs/blake-hash'
import { AppError } from '@parley/errors'

const digestShape = /^[0-9a-f]{64}$/

/** A BLAKE3 digest in the making. */
export class Digest {
  readonly #hasher = new Blake3Hasher()
  #sizeBytes = 0

  /** How many bytes have gone in. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Takes in the next bytes. */
  update(bytes: Uint8Array): void {
    this.#hasher.update(asBuffer(bytes))
    this.#sizeBytes += bytes.byteLength
  }

  /** The digest of all bytes so far, 64 lower-case hex digits; more may follow. */
  hex(): string {
    return this.#hasher.digest('hex')
  }
}

/** The digest of bytes in memory. */
export function digestBytes(bytes: Uint8Array): string {
  const digest = new Digest()
  digest.update(bytes)
  return digest.hex()
}

/**
 * Takes the first `sizeBytes` bytes of a file into a digest (all of it unless told), which may have
 * taken in the first of them before.
 */
export async function digestFile(
  path: string,
  sizeBytes?: number,
  digest: Digest = new Digest(),
): Promise<Digest> {
  const start = digest.sizeBytes
  if (sizeBytes === start) return digest
  const last = sizeBytes === undefined ? {} : { end: sizeBytes - 1 }
  const chunks = createReadStream(path, { highWaterMark: 1 << 20, start, ...last })
  for await (const chunk of chunks as AsyncIterable<Buffer>) digest.update(chunk)
  return digest
}

/** Throws `AppError` (invalid, DIGEST_MALFORMED) unless the text is a digest: it may become a path. */
export function assertDigest(text: string): void {
  if (digestShape.test(text)) return
  throw new AppError('invalid', 'DIGEST_MALFORMED', 'a digest is 64 lower-case hex digits')
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
