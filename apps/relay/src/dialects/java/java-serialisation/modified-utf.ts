import { Unreadable } from './unreadable.ts'

/** Code units that are made into a string at once. */
const pieceUnits = 4_096

/** Reads Java's modified UTF-8 (`java.io.DataInput`): half characters become U+FFFD. */
export function decodeModifiedUtf(bytes: Buffer): string {
  if (bytes.every((byte) => byte < 0x80)) return bytes.toString('latin1')
  const units: number[] = []
  let at = 0
  while (at < bytes.length) {
    const [unit, length] = unitAt(bytes, at)
    units.push(unit)
    at += length
  }
  return textOf(units).toWellFormed()
}

/** Writes Java's modified UTF-8: characters beyond 16 bits as two halves of three bytes, NUL as two bytes. */
export function encodeModifiedUtf(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length * 3)
  let end = 0
  for (let i = 0; i < text.length; i += 1) end = writeUnit(bytes, end, text.charCodeAt(i))
  return bytes.subarray(0, end)
}

function unitAt(bytes: Buffer, at: number): readonly [unit: number, length: number] {
  const first = bytes.readUInt8(at)
  if (first < 0x80) return [first, 1]
  if (first >> 5 === 0b110) return [((first & 0x1f) << 6) | tail(bytes, at + 1), 2]
  if (first >> 4 !== 0b1110) throw malformed()
  return [((first & 0x0f) << 12) | (tail(bytes, at + 1) << 6) | tail(bytes, at + 2), 3]
}

function tail(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0
  if (byte >> 6 !== 0b10) throw malformed()
  return byte & 0x3f
}

function writeUnit(bytes: Buffer, at: number, unit: number): number {
  if (unit > 0 && unit < 0x80) return bytes.writeUInt8(unit, at)
  if (unit < 0x800) return bytes.writeUInt16BE(0xc080 | ((unit >> 6) << 8) | (unit & 0x3f), at)
  bytes.writeUInt8(0xe0 | (unit >> 12), at)
  return bytes.writeUInt16BE(0x8080 | (((unit >> 6) & 0x3f) << 8) | (unit & 0x3f), at + 1)
}

function textOf(units: readonly number[]): string {
  let text = ''
  for (let i = 0; i < units.length; i += pieceUnits) {
    text += String.fromCharCode(...units.slice(i, i + pieceUnits))
  }
  return text
}

function malformed(): Unreadable {
  return new Unreadable('a string is no modified UTF-8')
}
