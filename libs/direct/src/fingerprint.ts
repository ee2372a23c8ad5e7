import { createHash } from 'node:crypto'

// Crockford's: no letter looks like a digit.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const groups = 6
const groupLetters = 4
const bitsPerLetter = 5

/** How long a fingerprint is, with its dashes. */
export const fingerprintLength = groups * (groupLetters + 1) - 1

/** The 120 bits by which people compare keys: `7k2m-9qxa-...`, six groups of four letters and digits. */
export function fingerprintOf(publicKey: Uint8Array): string {
  const digest = createHash('sha256').update('parley key\0').update(publicKey).digest()
  let bits = BigInt(`0x${digest.toString('hex', 0, (groups * groupLetters * bitsPerLetter) / 8)}`)
  const letters: string[] = []
  for (let at = 0; at < groups * groupLetters; at += 1) {
    letters.unshift(alphabet[Number(bits & 31n)] ?? '')
    bits >>= 5n
  }
  const text = letters.join('')
  return text.replaceAll(/.{4}(?=.)/g, '$&-')
}

/** A fingerprint as somebody typed it, in the form of `fingerprintOf`; undefined when it is none. */
export function parseFingerprint(typed: string): string | undefined {
  const letters = typed
    .toLowerCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1')
  if (!/^[0-9a-hjkmnp-tv-z]{24}$/.test(letters)) return undefined
  return letters.replaceAll(/.{4}(?=.)/g, '$&-')
}
