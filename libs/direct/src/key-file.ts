import { chmod, stat } from 'node:fs/promises'
import { AppError } from '@parley/errors'
import { readOrCreateFile } from '@parley/service-kit'
import { keyPairOf, makeKeyPair, privateBytesOf } from './key-pair.ts'
import type { KeyPair } from './key-pair.ts'

const shape = /^x25519:([0-9a-f]{64})\s*$/

/**
 * The long-lived key of a device, kept in a file that only its owner reads and made when it is not
 * there; throws `AppError` (precondition, DEVICE_KEY_MALFORMED).
 */
export async function openKeyFile(path: string): Promise<KeyPair> {
  const text = await readOrCreateFile(path, () => {
    return `x25519:${privateBytesOf(makeKeyPair()).toString('hex')}\n`
  })
  const hex = shape.exec(text)?.[1]
  if (hex === undefined) {
    throw new AppError('precondition', 'DEVICE_KEY_MALFORMED', `${path} holds no device key`)
  }
  // A copy or a restored backup may have been laid open.
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600)
  return keyPairOf(Buffer.from(hex, 'hex'))
}
