import { mendPngChecksums } from './png-checksums.ts'

/** Bytes that were changed, and how. */
export interface Mutated {
  readonly bytes: Buffer
  readonly how: string
}

type Random = () => number
type Way = (bytes: Buffer, random: Random) => Buffer

const maxPieceBytes = 64 * 1024
/** Where formats keep what they say of themselves. */
const headBytes = 512
const extremes = [0, 1, 0x7f, 0x80, 0xff]

/** Changes an image in one or two ways that chance takes; the same numbers give the same bytes. */
export function mutate(image: Buffer, random: Random): Mutated {
  const names = Object.keys(ways)
  let bytes: Buffer = Buffer.from(image)
  const taken = []
  for (let left = 1 + below(2, random); left > 0; left -= 1) {
    const name = names[below(names.length, random)] ?? ''
    bytes = ways[name]?.(bytes, random) ?? bytes
    taken.push(name)
  }
  // With a wrong checksum a PNG is not looked into.
  if (random() < 0.7) {
    const mended = mendPngChecksums(bytes)
    if (mended) return { bytes: mended, how: [...taken, 'mended'].join(' ') }
  }
  return { bytes, how: taken.join(' ') }
}

const ways: Record<string, Way> = {
  cut: (bytes, random) => bytes.subarray(0, place(bytes, random)),
  turn(bytes, random) {
    const turned = Buffer.from(bytes)
    for (let left = 1 + below(3, random); left > 0; left -= 1) {
      const at = place(turned, random)
      turned[at] = (turned[at] ?? 0) ^ (1 << below(8, random))
    }
    return turned
  },
  overwrite(bytes, random) {
    const from = place(bytes, random)
    const noise = Buffer.from(
      Array.from({ length: 1 + below(16, random) }, () => below(256, random)),
    )
    return overwritten(bytes, from, noise)
  },
  extreme(bytes, random) {
    const value = extremes[below(extremes.length, random)] ?? 0
    return overwritten(bytes, place(bytes, random), Buffer.alloc(1 + below(4, random), value))
  },
  remove(bytes, random) {
    const from = place(bytes, random)
    return Buffer.concat([
      bytes.subarray(0, from),
      bytes.subarray(from + pieceBytes(bytes, random)),
    ])
  },
  repeat(bytes, random) {
    const from = place(bytes, random)
    const piece = bytes.subarray(from, from + pieceBytes(bytes, random))
    return Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from)])
  },
  copy(bytes, random) {
    const from = place(bytes, random)
    const piece = Buffer.from(bytes.subarray(from, from + pieceBytes(bytes, random)))
    return overwritten(bytes, place(bytes, random), piece)
  },
}

function overwritten(bytes: Buffer, from: number, piece: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  piece.copy(changed, from)
  return changed
}

// Half of them in the head, but not in the bytes that say which format it is.
function place(bytes: Buffer, random: Random): number {
  const within = random() < 0.5 ? Math.min(headBytes, bytes.length) : bytes.length
  const magicBytes = Math.min(12, Math.floor(within / 2))
  return magicBytes + below(Math.max(1, within - magicBytes), random)
}

function pieceBytes(bytes: Buffer, random: Random): number {
  return 1 + below(Math.min(maxPieceBytes, Math.max(1, bytes.length / 4)), random)
}

function below(bound: number, random: Random): number {
  return Math.floor(random() * bound)
}
