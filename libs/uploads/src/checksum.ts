import { createHash, timingSafeEqual } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { AppError } from '@parley/errors'

const algorithms = ['sha1', 'sha256'] as const

/** The values of `Tus-Checksum-Algorithm`: SHA-1 is the one that every tus server must know. */
export const checksumAlgorithms: string = algorithms.join(',')

/** The sum that one body must have. */
export interface Checksum {
  readonly algorithm: (typeof algorithms)[number]
  readonly expected: Buffer
}

/** Reads an `Upload-Checksum` header: algorithm, space, base64. */
export function parseChecksum(header: string | undefined): Checksum | undefined {
  if (header === undefined) return undefined
  const [name, text, ...more] = header.split(' ')
  const algorithm = algorithms.find((known) => known === name)
  if (!algorithm) {
    throw new AppError('invalid', 'CHECKSUM_UNKNOWN', `checksums are one of ${checksumAlgorithms}`)
  }
  const expected = Buffer.from(text ?? '', 'base64')
  if (more.length > 0 || expected.length !== createHash(algorithm).digest().length) {
    throw new AppError('invalid', 'CHECKSUM_MALFORMED', 'the checksum is not base64 of that sum')
  }
  return { algorithm, expected }
}

/** Sums up a body and says whether it is the one that was announced. */
export class ChecksumCheck {
  readonly #hash: Hash
  readonly #expected: Buffer

  constructor(checksum: Checksum) {
    this.#hash = createHash(checksum.algorithm)
    this.#expected = checksum.expected
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }

  /** Throws `AppError` (invalid, CHECKSUM_MISMATCH) when the body was another. */
  assertMatch(): void {
    if (timingSafeEqual(this.#hash.digest(), this.#expected)) return
    throw new AppError('invalid', 'CHECKSUM_MISMATCH', 'the bytes do not have their checksum')
  }
}
