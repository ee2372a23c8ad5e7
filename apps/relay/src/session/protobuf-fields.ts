/**
 * Hot path: fields of protobuf messages, written by hand into a buffer of known size. The generated
 * encoder makes and zeroes two arrays per message, which was a tenth of the relay's main thread
 * (docs/adr/0006-message-path-costs.md).
 */

/** Writes a tag (below 128) and a number, which may be the length of what follows. */
export function writeField(out: Buffer, at: number, tag: number, value: number): number {
  out[at] = tag
  return writeVarint(out, at + 1, value)
}

/** Writes a tag (below 128), a length and bytes; returns the place after them. */
export function writeBytes(out: Buffer, at: number, tag: number, bytes: Uint8Array): number {
  const start = writeField(out, at, tag, bytes.length)
  out.set(bytes, start)
  return start + bytes.length
}

/** Writes a number below 2^53 and returns the place after it. */
export function writeVarint(out: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7f) {
    out[at] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
    at += 1
  }
  out[at] = rest
  return at + 1
}

/** How many bytes `writeVarint` writes. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1
  return bytes
}

/** How many bytes a field takes whose tag is below 128 and whose content has this length. */
export function fieldBytes(length: number): number {
  return 1 + varintBytes(length) + length
}
