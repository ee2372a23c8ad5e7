import { AppError } from '@parley/errors'
import type { Scheduler } from './scheduler.ts'

const textShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A new UUIDv7 as 16 bytes: 48 bits of wall clock, the rest random. */
export function uuidv7(scheduler: Scheduler): Uint8Array {
  const id = new Uint8Array(16)
  id.set(scheduler.randomBytes(10), 6)
  const view = new DataView(id.buffer)
  const nowMs = Math.max(0, Math.floor(scheduler.now()))
  view.setUint32(0, Math.floor(nowMs / 0x10000))
  view.setUint16(4, nowMs % 0x10000)
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70)
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80)
  return id
}

/** The lower-case text of a 16-byte id; throws `AppError` (invalid, ID_MALFORMED) for another length. */
export function uuidText(id: Uint8Array): string {
  if (id.length !== 16) throw malformed()
  const hex = Buffer.from(id.buffer, id.byteOffset, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The 16 bytes of a UUID's text; throws `AppError` (invalid, ID_MALFORMED) for anything else. */
export function uuidBytes(text: string): Uint8Array {
  if (!textShape.test(text)) throw malformed()
  return Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex'))
}

/** True for 16 bytes that are a UUIDv7. */
export function isUuidv7(id: Uint8Array): boolean {
  return id.length === 16 && (id[6] ?? 0) >> 4 === 7 && (id[8] ?? 0) >> 6 === 2
}

function malformed(): AppError {
  return new AppError('invalid', 'ID_MALFORMED', 'an id is a UUID of 16 bytes')
}
