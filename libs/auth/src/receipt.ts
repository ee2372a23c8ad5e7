import { z } from 'zod'
import { blobIdClaim, uuidClaim } from './shapes.ts'
import type { IssuedToken, Signer } from './signer.ts'
import type { Verifier } from './verifier.ts'

/** What a file or image server certifies of a completed upload. */
export interface UploadedBlob {
  readonly ownerId: string
  readonly blobId: string
  readonly sizeBytes: number
  /** BLAKE3 as 64 lower-case hex digits. */
  readonly digest: string
  /** Media type, sniffed by the server. */
  readonly mediaType: string
  readonly image?: ImageFacts
}

/** What an image server knows besides. */
export interface ImageFacts {
  readonly widthPx: number
  readonly heightPx: number
  /** base64url. */
  readonly thumbhash: string
}

/** What a good receipt says. */
export interface Receipt extends UploadedBlob {
  readonly expiresAtMs: number
}

const lifetimeMs = 24 * 3_600_000
const audience = 'receipt'

const side = z.number().int().min(1).max(65_535)

const shape = z.object({
  sub: uuidClaim,
  id: blobIdClaim,
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  type: z.string().regex(/^[a-z0-9.+-]{1,63}\/[a-z0-9.+-]{1,127}$/),
  w: side.optional(),
  h: side.optional(),
  th: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional(),
})

/** Signs a receipt for 24 hours. */
export function issueReceipt(signer: Signer, blob: UploadedBlob): Promise<IssuedToken> {
  const { image } = blob
  return signer.sign({
    claims: {
      id: blob.blobId,
      size: blob.sizeBytes,
      digest: blob.digest,
      type: blob.mediaType,
      ...(image ? { w: image.widthPx, h: image.heightPx, th: image.thumbhash } : {}),
    },
    subject: blob.ownerId,
    audience,
    lifetimeMs,
  })
}

/** What a receipt says; throws `AppError` (unauthenticated) unless the verifier's issuer signed it. */
export async function verifyReceipt(verifier: Verifier, token: string): Promise<Receipt> {
  const { claims, expiresAtMs } = await verifier.verify(token, audience, shape)
  const { w, h, th } = claims
  const image =
    w === undefined || h === undefined || th === undefined
      ? {}
      : { image: { widthPx: w, heightPx: h, thumbhash: th } }
  return {
    ownerId: claims.sub,
    blobId: claims.id,
    sizeBytes: claims.size,
    digest: claims.digest,
    mediaType: claims.type,
    ...image,
    expiresAtMs,
  }
}
