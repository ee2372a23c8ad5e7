import { createHash } from 'node:crypto'
import { Digest } from '@parley/blob-store'

const blockBytes = 64 << 20
const pieceBytes = 1 << 20
const stampBytes = 64
/** By how much each repetition of the block is turned, so that no two stretches of a file are alike. */
const turnBytes = 4099

let block: Buffer | undefined

/** The bytes of a test file from `start` on: the same for the same seed, different for any other. */
export function* sourceBytes(seed: string, sizeBytes: number, start = 0): Generator<Buffer> {
  block ??= makeBlock()
  const stamp = createHash('sha512').update(seed).digest()
  let at = start
  if (at < stampBytes) {
    const piece = stamp.subarray(at, Math.min(stampBytes, sizeBytes))
    at += piece.length
    yield piece
  }
  while (at < sizeBytes) {
    const from = (at + Math.floor(at / blockBytes) * turnBytes) % blockBytes
    const untilTurn = blockBytes - (at % blockBytes)
    const count = Math.min(pieceBytes, sizeBytes - at, blockBytes - from, untilTurn)
    yield block.subarray(from, from + count)
    at += count
  }
}

/** BLAKE3 of a test file, hex. */
export function sourceDigest(seed: string, sizeBytes: number): string {
  const digest = new Digest()
  for (const piece of sourceBytes(seed, sizeBytes)) digest.update(piece)
  return digest.hex()
}

/** The first bytes of a test file, which no other has. */
export function sourceStamp(seed: string): Buffer {
  return createHash('sha512').update(seed).digest()
}

// Noise that compresses as little as a photograph, the same in every process.
function makeBlock(): Buffer {
  const bytes = Buffer.allocUnsafe(blockBytes)
  for (let at = 0, i = 0; at < blockBytes; at += pieceBytes, i += 1) {
    createHash('shake256', { outputLength: pieceBytes }).update(String(i)).digest().copy(bytes, at)
  }
  return bytes
}
