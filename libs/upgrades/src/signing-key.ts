import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { AppError } from '@parley/errors'
import { keyIdOf, publicKeyText } from './public-keys.ts'

/** The operator's key, which no server has. */
export interface SigningKey {
  readonly keyId: string
  /** What clients pin: `ed25519:` and 32 bytes in base64url. */
  readonly publicKey: string
  /** PKCS #8 in PEM, to be kept secret. */
  readonly pem: string
  /** An Ed25519 signature (RFC 8032) of these bytes as they are. */
  sign(bytes: Uint8Array): Buffer
}

/** Makes a new key. */
export function createSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey)
}

/** Reads a key's PEM; throws `AppError` (invalid, UPGRADE_KEY_MALFORMED) for what is no Ed25519 key. */
export function readSigningKey(pem: string): SigningKey {
  const key = privateKeyOf(pem)
  if (key?.asymmetricKeyType === 'ed25519') return signingKey(key)
  // Without a cause: a parser's complaint may quote the key.
  const message = 'the file holds no Ed25519 key; parley-admin upgrade-key create makes one'
  throw new AppError('invalid', 'UPGRADE_KEY_MALFORMED', message)
}

function signingKey(key: KeyObject): SigningKey {
  const publicKey = createPublicKey(key)
  return {
    keyId: keyIdOf(publicKey),
    publicKey: publicKeyText(publicKey),
    pem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    sign: (bytes) => sign(null, bytes, key),
  }
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
