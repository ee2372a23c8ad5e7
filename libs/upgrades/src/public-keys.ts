import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { AppError } from '@parley/errors'

/** A key by which packages are known as the operator's. */
export interface PublicKey {
  /** The first 16 hex digits of the SHA-256 of its 32 bytes. */
  readonly keyId: string
  readonly key: KeyObject
}

/** The most keys that a client pins. */
const maxKeys = 16
const prefix = 'ed25519:'

/**
 * Reads `ed25519:` keys, one a line or with commas between; `#` begins a comment. Throws `AppError`
 * (invalid, UPGRADE_KEYS_MALFORMED) for anything else: a key that is left out by mistake would not be missed.
 */
export function parsePublicKeys(text: string): PublicKey[] {
  const words = text
    .split('\n')
    .flatMap((line) => line.replace(/#.*$/u, '').split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '')
  if (words.length > maxKeys) throw malformed(`there are more than ${maxKeys}`)
  return words.map(publicKeyOf)
}

/** The key as `parsePublicKeys` reads it. */
export function publicKeyText(key: KeyObject): string {
  return `${prefix}${rawOf(key).toString('base64url')}`
}

/** The name of a public key. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256').update(rawOf(key)).digest('hex').slice(0, 16)
}

function publicKeyOf(word: string): PublicKey {
  const x = word.slice(prefix.length)
  const raw = Buffer.from(x, 'base64url')
  const isKey = word.startsWith(prefix) && raw.length === 32 && raw.toString('base64url') === x
  if (!isKey) throw malformed(`"${word.slice(0, 60)}" is none`)
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return { keyId: keyIdOf(key), key }
  } catch {
    throw malformed(`"${word}" is none`)
  }
}

function rawOf(key: KeyObject): Buffer {
  const { x = '' } = key.export({ format: 'jwk' })
  return Buffer.from(x, 'base64url')
}

function malformed(why: string): AppError {
  const message = `the upgrade keys cannot be used: ${why} (each is written ed25519:...)`
  return new AppError('invalid', 'UPGRADE_KEYS_MALFORMED', message)
}
