import type { ByteRange } from '../http/ranges.ts'

/** How many ranges are asked of a file that is too large to be asked for whole. */
export const rangeCount = 64

/** Length of each range. */
export const rangeBytes = 8 * 1024

/** The most that one proof reads; a file of no more than this is read whole. */
export const maxProofBytes = rangeCount * rangeBytes

const drawBytes = 6
const drawSpan = 2 ** (8 * drawBytes)

/**
 * The ranges whose bytes prove a file: the first bytes, the last bytes, and one somewhere in each of
 * the equal stripes between, in ascending order. Whoever lacks two stripes in a row always fails.
 */
export function sampleRanges(
  sizeBytes: number,
  randomBytes: (count: number) => Uint8Array,
): ByteRange[] {
  if (sizeBytes <= maxProofBytes) return [{ start: 0, end: sizeBytes }]
  const lastStart = sizeBytes - rangeBytes
  const inner = rangeCount - 2
  const draws = Buffer.from(randomBytes(inner * drawBytes))
  const starts = Array.from({ length: inner }, (_, index) => {
    const chance = draws.readUIntBE(index * drawBytes, drawBytes) / drawSpan
    return Math.floor(((index + chance) / inner) * lastStart)
  })
  return [0, ...starts, lastStart].map((start) => ({ start, end: start + rangeBytes }))
}
