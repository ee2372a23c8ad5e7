import { uuidBytes, uuidText, uuidv7 } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'

/** The 16 bytes of an id's UUID text; throws `AppError` (invalid, ID_MALFORMED) for anything else. */
export function idBytes(text: string): Buffer {
  const bytes = uuidBytes(text)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The UUID text of an id on the wire, or an empty text for an empty id. */
export function idText(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : uuidText(bytes)
}

/** A new UUIDv7. */
export function newId(scheduler: Scheduler): Buffer {
  return Buffer.from(uuidv7(scheduler))
}
