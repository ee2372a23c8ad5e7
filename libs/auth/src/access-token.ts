import { z } from 'zod'
import { uuidClaim } from './shapes.ts'
import type { IssuedToken, Signer } from './signer.ts'
import type { Verifier } from './verifier.ts'

/** A service that a user's access token may open. */
export type AccessAudience = 'chat' | 'files' | 'images'

/** Who is at the other end, ids as lower-case UUID text. */
export interface AccessGrant {
  readonly userId: string
  readonly deviceId: string
  /** The login (family of refresh tokens) the token descends from. */
  readonly loginId: string
}

/** What a good access token says. */
export interface AccessToken extends AccessGrant {
  readonly expiresAtMs: number
}

const lifetimeMs = 15 * 60_000
const everyAudience: readonly AccessAudience[] = ['chat', 'files', 'images']

// Tickets bear `use`; refusing it here keeps one kind from passing for the other.
const shape = z.object({
  sub: uuidClaim,
  dev: uuidClaim,
  sid: z.string().min(1).max(64),
  use: z.undefined().optional(),
})

/** Signs an access token for 15 minutes, for every service unless told. */
export function issueAccessToken(
  signer: Signer,
  grant: AccessGrant,
  audiences: readonly AccessAudience[] = everyAudience,
): Promise<IssuedToken> {
  return signer.sign({
    claims: { dev: grant.deviceId, sid: grant.loginId },
    subject: grant.userId,
    audience: [...audiences],
    lifetimeMs,
  })
}

/** What an access token says; throws `AppError` (unauthenticated) unless it is good for `audience`. */
export async function verifyAccessToken(
  verifier: Verifier,
  token: string,
  audience: AccessAudience,
): Promise<AccessToken> {
  const { claims, expiresAtMs } = await verifier.verify(token, audience, shape)
  return { userId: claims.sub, deviceId: claims.dev, loginId: claims.sid, expiresAtMs }
}
