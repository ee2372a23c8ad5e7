/**
 * Bloom filters over grams (Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", 1970):
 * ten bits and four hashes per gram, so about one wrong "may contain" in a hundred, and no wrong "no".
 */
const bitsPerGram = 10
const hashes = 4
const minBytes = 8

/** The signature of a set of grams. */
export function signatureOf(grams: ReadonlySet<string>): Uint8Array {
  const bytes = Math.max(minBytes, Math.ceil((grams.size * bitsPerGram) / 8))
  const signature = new Uint8Array(bytes)
  for (const gram of grams) {
    for (const bit of bitsOf(gram, bytes * 8)) {
      signature[bit >>> 3] = (signature[bit >>> 3] ?? 0) | (1 << (bit & 7))
    }
  }
  return signature
}

/** False when the set certainly lacks one of the grams. */
export function mayContain(signature: Uint8Array, grams: Iterable<string>): boolean {
  for (const gram of grams) {
    for (const bit of bitsOf(gram, signature.length * 8)) {
      if (((signature[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
    }
  }
  return true
}

/** Double hashing: two FNV-1a hashes give all four places. */
function bitsOf(gram: string, bits: number): number[] {
  let [one, other] = [0x811c9dc5, 0x01000193]
  for (let i = 0; i < gram.length; i += 1) {
    const unit = gram.charCodeAt(i)
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other ^ unit, 0x85ebca6b)
  }
  const [start, step] = [mixed(one), mixed(other) | 1]
  return Array.from({ length: hashes }, (_, i) => ((start + Math.imul(i, step)) >>> 0) % bits)
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (once ^ (once >>> 12)) >>> 0
}
