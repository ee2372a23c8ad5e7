import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** The length of a public or private key. */
export const keyBytes = 32

/** An X25519 key of this side. */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
}

// What stands before the 32 bytes of a key in DER, RFC 8410.
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex')

/** A new key. */
export function makeKeyPair(): KeyPair {
  return withPublicKey(generateKeyPairSync('x25519').privateKey)
}

/** The key whose 32 private bytes these are. */
export function keyPairOf(privateBytes: Uint8Array): KeyPair {
  if (privateBytes.length !== keyBytes) throw new Error('a private key has 32 bytes')
  const key = Buffer.concat([privatePrefix, privateBytes])
  return withPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }))
}

/** The 32 private bytes of a key. */
export function privateBytesOf({ privateKey }: KeyPair): Buffer {
  return privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(privatePrefix.length)
}

/** The secret that only these two keys lead to; throws for a public key of small order, which would lead to none. */
export function agree(mine: KeyPair, theirs: Uint8Array): Buffer {
  const key = Buffer.concat([publicPrefix, theirs])
  const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
  return diffieHellman({ privateKey: mine.privateKey, publicKey })
}

function withPublicKey(privateKey: KeyObject): KeyPair {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: Uint8Array.from(der.subarray(publicPrefix.length)) }
}
