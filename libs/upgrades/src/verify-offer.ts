import { verify } from 'node:crypto'
import { AppError } from '@parley/errors'
import { parseManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { PublicKey } from './public-keys.ts'

/** A manifest as a server hands it on; only the signature says whose it is. */
export interface SignedManifest {
  readonly manifest: Uint8Array
  readonly signature: Uint8Array
  /** Which of the pinned keys it is said to be signed by. */
  readonly keyId: string
}

/**
 * The manifest, if one of the pinned keys has signed these very bytes; throws `AppError`: (precondition,
 * UPGRADE_KEYS_MISSING) when none is pinned, (corrupt, UPGRADE_KEY_UNKNOWN), (corrupt,
 * UPGRADE_SIGNATURE_WRONG), or as `parseManifest`.
 */
export function verifyOffer(offer: SignedManifest, pinned: readonly PublicKey[]): Manifest {
  if (pinned.length === 0) {
    const message = 'no key is pinned here by which packages could be known as genuine'
    throw new AppError('precondition', 'UPGRADE_KEYS_MISSING', message)
  }
  const key = pinned.find(({ keyId }) => keyId === offer.keyId)?.key
  if (key === undefined) {
    const message = 'the package is signed by a key that is not pinned here; it cannot be trusted'
    throw new AppError('corrupt', 'UPGRADE_KEY_UNKNOWN', message)
  }
  if (!verify(null, offer.manifest, key, offer.signature)) {
    const message = 'the signature of the package is wrong; it cannot be trusted'
    throw new AppError('corrupt', 'UPGRADE_SIGNATURE_WRONG', message)
  }
  return parseManifest(offer.manifest)
}
