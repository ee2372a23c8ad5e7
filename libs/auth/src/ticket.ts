import { z } from 'zod'
import { blobIdClaim, uuidClaim } from './shapes.ts'
import type { IssuedToken, Signer } from './signer.ts'
import type { Verifier } from './verifier.ts'

/** A service that serves bytes against tickets. */
export type TicketAudience = 'files' | 'images'

/** Leave for one user to read one file or image. */
export interface TicketGrant {
  readonly userId: string
  readonly blobId: string
}

/** What a good ticket says. */
export interface Ticket extends TicketGrant {
  readonly expiresAtMs: number
}

const lifetimeMs = 60_000

const shape = z.object({ sub: uuidClaim, id: blobIdClaim, use: z.literal('ticket') })

/** Signs a ticket for 60 seconds. */
export function issueTicket(
  signer: Signer,
  grant: TicketGrant,
  audience: TicketAudience,
): Promise<IssuedToken> {
  return signer.sign({
    claims: { id: grant.blobId, use: 'ticket' },
    subject: grant.userId,
    audience,
    lifetimeMs,
  })
}

/**
 * What a ticket says; throws `AppError` (unauthenticated) unless it is good for `audience`. The
 * caller compares `blobId` with what is asked for.
 */
export async function verifyTicket(
  verifier: Verifier,
  token: string,
  audience: TicketAudience,
): Promise<Ticket> {
  const { claims, expiresAtMs } = await verifier.verify(token, audience, shape)
  return { userId: claims.sub, blobId: claims.id, expiresAtMs }
}
