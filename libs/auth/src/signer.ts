import { generateKeyPairSync } from 'node:crypto'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@parley/errors'
import { readOrCreateFile, systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { SignJWT, calculateJwkThumbprint, importJWK } from 'jose'
import type { JWTPayload } from 'jose'
import { z } from 'zod'
import { algorithm } from './algorithm.ts'

/** A token as its issuer hands it out. */
export interface IssuedToken {
  readonly token: string
  readonly expiresAtMs: number
}

/** What a signer is asked to put its name to. */
interface Statement {
  readonly claims: JWTPayload
  readonly subject: string
  readonly audience: string | string[]
  readonly lifetimeMs: number
}

/** The one who signs for a service. */
export interface Signer {
  readonly issuer: string
  /** The thumbprint (RFC 7638) of the key. */
  readonly kid: string
  /** The public key as a JSON Web Key. */
  readonly publicJwk: string
  /** The same as a JSON Web Key Set, for others to verify with. */
  readonly jwks: string
  sign(statement: Statement): Promise<IssuedToken>
}

/** Who signs, where the key lives, by which clock. */
export interface SignerOptions {
  readonly issuer: string
  readonly folder: string
  readonly scheduler?: Scheduler
}

const privateKeyShape = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
})

type PrivateJwk = z.output<typeof privateKeyShape>

/**
 * Opens the service's Ed25519 key in `folder`, made on the first start and readable by its owner
 * only; throws `AppError` (corrupt, SIGNING_KEY_BROKEN) when the file there is none.
 */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const { issuer, scheduler = systemScheduler } = options
  const jwk = await privateKey(join(options.folder, 'signing-key.json'))
  const kid = await calculateJwkThumbprint(jwk)
  const key = await importJWK(jwk, algorithm)
  const publicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid, alg: algorithm, use: 'sig' }
  return {
    issuer,
    kid,
    publicJwk: JSON.stringify(publicJwk),
    jwks: JSON.stringify({ keys: [publicJwk] }),
    async sign(statement) {
      const issuedAtS = Math.floor(scheduler.now() / 1000)
      const expiresAtS = issuedAtS + Math.floor(statement.lifetimeMs / 1000)
      const token = await new SignJWT({ ...statement.claims })
        .setProtectedHeader({ alg: algorithm, kid })
        .setIssuer(issuer)
        .setSubject(statement.subject)
        .setAudience([statement.audience].flat())
        .setIssuedAt(issuedAtS)
        .setExpirationTime(expiresAtS)
        .sign(key)
      return { token, expiresAtMs: expiresAtS * 1000 }
    },
  }
}

async function privateKey(path: string): Promise<PrivateJwk> {
  await readOrCreateFile(path, newPrivateKey)
  await chmod(path, 0o600)
  try {
    return privateKeyShape.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    // Without the cause: a parser's complaint may quote the key.
    throw new AppError('corrupt', 'SIGNING_KEY_BROKEN', `${path} does not hold an Ed25519 key`)
  }
}

function newPrivateKey(): string {
  const { privateKey: key } = generateKeyPairSync('ed25519')
  return `${JSON.stringify(key.export({ format: 'jwk' }))}\n`
}
