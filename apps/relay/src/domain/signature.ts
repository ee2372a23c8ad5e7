import { eachGram, mixed, searchForm } from './grams.ts'

/** Entries of one block: the numbers 1 to 64 of a log are its block 0, and so on. */
export const blockEntries = 64
/** The most grams that a signature tells apart; a block with more is always looked into. */
export const maxGrams = 20_000
/** Changes with the way signatures are made: those of another version are no use. */
export const signatureVersion = 2

/**
 * A Bloom filter over grams (Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", 1970)
 * with ten bits and seven hashes for each: about one wrong "may contain" in 120, and no wrong "no".
 */
export type Signature = Uint8Array
const bitsPerGram = 10
const hashes = 7

const slots = 0x1_0000

/** Hot path: makes signatures of texts, one after the other, in memory that is used again. */
export function signatureMaker(): (texts: Iterable<string>) => Signature {
  // An open hash table of the grams, and which of its slots are used.
  const grams = new Uint32Array(slots)
  const used = new Uint32Array(maxGrams)
  let count = 0
  let isOver = false
  const take = (gram: number) => {
    let slot = gram & (slots - 1)
    while (grams[slot] !== 0 && grams[slot] !== gram) slot = (slot + 1) & (slots - 1)
    if (grams[slot] === gram) return
    isOver = count === maxGrams
    if (isOver) return
    grams[slot] = gram
    used[count] = slot
    count += 1
  }
  return (texts) => {
    for (let i = 0; i < count; i += 1) grams[used[i] ?? 0] = 0
    count = 0
    isOver = false
    for (const text of texts) {
      if (!isOver) eachGram(searchForm(text), take)
    }
    // All bits set: it may contain anything.
    if (isOver) return Uint8Array.of(0xff)
    const signature = new Uint8Array(Math.ceil((count * bitsPerGram) / 8) || 1)
    for (let i = 0; i < count; i += 1) put(signature, grams[used[i] ?? 0] ?? 0)
    return signature
  }
}

/** The grams of a query's words, as `mayContain` takes them. */
export function gramsOfWords(words: readonly string[]): number[] {
  const grams = new Set<number>()
  for (const each of words) eachGram(each, (gram) => void grams.add(gram))
  return [...grams]
}

/** False when no text of the block has all these grams. */
export function mayContain(signature: Signature, grams: readonly number[]): boolean {
  return grams.every((gram) => has(signature, gram))
}

function put(signature: Signature, gram: number): void {
  const bits = signature.length * 8
  const step = stepOf(gram)
  for (let i = 0, at = gram; i < hashes; i += 1, at = (at + step) >>> 0) {
    const bit = at % bits
    signature[bit >>> 3] = (signature[bit >>> 3] ?? 0) | (1 << (bit & 7))
  }
}

function has(signature: Signature, gram: number): boolean {
  const bits = signature.length * 8
  const step = stepOf(gram)
  for (let i = 0, at = gram; i < hashes; i += 1, at = (at + step) >>> 0) {
    const bit = at % bits
    if (((signature[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

/** Double hashing: a gram's places begin at the gram and are this far apart. */
function stepOf(gram: number): number {
  return mixed(gram ^ 0x5bd1e995) | 1
}
