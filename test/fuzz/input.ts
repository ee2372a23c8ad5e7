/** Numbers from 0 to 1. */
export type Random = () => number

/** What inputs of a parser are made from. */
export interface Grammar {
  /** What clients sent in valid sessions. */
  readonly sessions: readonly Buffer[]
  /** Pieces of which inputs are put together that nobody has sent before. */
  readonly words: readonly Buffer[]
  /** What most of these begin with, where others are told apart by that. */
  readonly openings?: readonly Buffer[]
}

type Way = (bytes: Buffer, random: Random, grammar: Grammar) => Buffer

const maxInputBytes = 64 * 1024
const maxPieceBytes = 4 * 1024
const maxNoiseBytes = 512
const maxWords = 24
const extremes = [0, 1, 0x0a, 0x7f, 0x80, 0xff]

/** A valid session, changed in one to four ways that chance takes, mostly in few. */
export function mutatedSession(grammar: Grammar, random: Random): Buffer {
  let bytes = Buffer.from(pick(grammar.sessions, random))
  for (let left = 1 + below(1 + below(4, random), random); left > 0; left -= 1) {
    bytes = Buffer.from(pick(ways, random)(bytes, random, grammar))
  }
  return bytes.subarray(0, maxInputBytes)
}

/** Words of the grammar and noise, in any order. */
export function madeUp(grammar: Grammar, random: Random): Buffer {
  const { openings = [] } = grammar
  const parts = openings.length > 0 && random() < 0.8 ? [pick(openings, random)] : []
  for (let left = below(maxWords, random); left >= 0; left -= 1) {
    const isNoise = random() < 0.3 || grammar.words.length === 0
    parts.push(isNoise ? noise(random) : pick(grammar.words, random))
  }
  return Buffer.concat(parts).subarray(0, maxInputBytes)
}

/** Bytes as they may come from a network: in one to six pieces. */
export function piecesOf(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: below(6, random) }, () => below(bytes.length + 1, random))
  const ends = [...cuts, bytes.length].toSorted((one, other) => one - other)
  return ends
    .map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
    .filter((piece) => piece.length > 0)
}

/** A whole number from 0 to below `bound`. */
function below(bound: number, random: Random): number {
  return Math.floor(random() * bound)
}

const ways: readonly Way[] = [
  function cut(bytes, random) {
    return bytes.subarray(0, below(bytes.length + 1, random))
  },
  function turnBits(bytes, random) {
    for (let left = 1 + below(3, random); left > 0; left -= 1) {
      const at = below(bytes.length, random)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8, random))
    }
    return bytes
  },
  function overwrite(bytes, random) {
    noise(random, 16).copy(bytes, below(bytes.length, random))
    return bytes
  },
  function putExtremes(bytes, random) {
    const from = below(bytes.length, random)
    return bytes.fill(
      pick(extremes, random),
      from,
      Math.min(bytes.length, from + 1 + below(8, random)),
    )
  },
  // Lengths stand in front of what they count, most of them in one, two or four bytes.
  function addToNumber(bytes, random) {
    const [width, at] = [1 << below(3, random), below(bytes.length, random)]
    if (at + width > bytes.length) return bytes
    const most = 2 ** (8 * width)
    const value = (bytes.readUIntBE(at, width) + below(17, random) - 8 + most) % most
    bytes.writeUIntBE(value, at, width)
    return bytes
  },
  function remove(bytes, random) {
    const from = below(bytes.length, random)
    return Buffer.concat([
      bytes.subarray(0, from),
      bytes.subarray(from + pieceBytes(bytes, random)),
    ])
  },
  function repeat(bytes, random) {
    const from = below(bytes.length, random)
    const piece = bytes.subarray(from, from + pieceBytes(bytes, random))
    return Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from)])
  },
  function copyWithin(bytes, random) {
    const from = below(bytes.length, random)
    return bytes.copyWithin(below(bytes.length, random), from, from + pieceBytes(bytes, random))
  },
  function insertWord(bytes, random, { words }) {
    const at = below(bytes.length + 1, random)
    const word = words.length === 0 ? noise(random) : pick(words, random)
    return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)])
  },
  function goOnWithAnother(bytes, random, { sessions }) {
    const other = pick(sessions, random)
    return Buffer.concat([
      bytes.subarray(0, below(bytes.length + 1, random)),
      other.subarray(below(other.length, random)),
    ])
  },
]

function noise(random: Random, most = maxNoiseBytes): Buffer {
  // Most are short: a long one says no more than that it is noise.
  const length = 1 + below(below(most, random) + 1, random)
  return Buffer.from(Array.from({ length }, () => below(256, random)))
}

function pieceBytes(bytes: Buffer, random: Random): number {
  return 1 + below(Math.min(maxPieceBytes, bytes.length), random)
}

function pick<T>(from: readonly T[], random: Random): T {
  const picked = from[below(from.length, random)]
  if (picked === undefined) throw new Error('there is nothing to pick from')
  return picked
}
