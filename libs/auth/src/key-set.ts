import { AppError } from '@parley/errors'
import { importJWK } from 'jose'
import type { CryptoKey } from 'jose'
import { z } from 'zod'
import { algorithm } from './algorithm.ts'
import type { Signer } from './signer.ts'

/** The public keys of one issuer. */
export interface KeySet {
  readonly issuer: string
  /** The key of that id, looked for where it may be found; undefined when the issuer has no such key. */
  find(kid: string): Promise<CryptoKey | undefined>
  /** Whether the key is known and in use at this moment. */
  has(kid: string): boolean
}

/** Public keys by their id. */
export type PublicKeys = ReadonlyMap<string, CryptoKey>

// Of all the relays of a database, those of the last days included.
const maxKeys = 65

const jwksShape = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string().max(64),
        kid: z.string().min(1).max(128),
      }),
    )
    .min(1)
    .max(maxKeys),
})

/** The keys of a JSON Web Key Set; throws `AppError` (corrupt, KEYS_BROKEN) unless all are Ed25519. */
export async function parseJwks(text: string): Promise<PublicKeys> {
  try {
    const { keys } = jwksShape.parse(JSON.parse(text))
    const entries = keys.map(async ({ kid, ...jwk }): Promise<[string, CryptoKey]> => {
      const key = await importJWK(jwk, algorithm)
      if (key instanceof Uint8Array) throw new TypeError('not a public key')
      return [kid, key]
    })
    return new Map(await Promise.all(entries))
  } catch (cause) {
    throw new AppError('corrupt', 'KEYS_BROKEN', 'not a set of Ed25519 keys', { cause })
  }
}

/** The key set of a signer in this process. */
export async function localKeySet(signer: Signer): Promise<KeySet> {
  const keys = await parseJwks(signer.jwks)
  return {
    issuer: signer.issuer,
    find: async (kid) => keys.get(kid),
    has: (kid) => keys.has(kid),
  }
}
