import { AppError } from '@parley/errors'

const idBytes = 16

/** An id of the wire as a key: one character per byte, so that keys sort as the bytes do. */
export function idKey(id: Uint8Array): string {
  if (id.length !== idBytes) {
    throw new AppError('invalid', 'ID_MALFORMED', `an id has ${idBytes} bytes`)
  }
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1')
}

/** The bytes of a key. */
export function keyId(key: string): Buffer {
  return Buffer.from(key, 'latin1')
}
