import { Blake3Hasher } from '@napi-rs/blake-hash'

/**
 * BLAKE3 of the parts, one after the other, under a key derived from `material` for the purpose that
 * `context` names (BLAKE3's key derivation mode); 32 bytes that nobody can make without both.
 */
export function keyedDigest(
  context: string,
  material: Uint8Array,
  parts: readonly Uint8Array[],
): Buffer {
  const hasher = Blake3Hasher.newKeyed(Blake3Hasher.deriveKey(context, Buffer.from(material)))
  for (const part of parts) hasher.update(Buffer.from(part.buffer, part.byteOffset, part.length))
  return hasher.digestBuffer()
}
