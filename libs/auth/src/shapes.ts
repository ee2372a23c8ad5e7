import { z } from 'zod'

/** A user or device in a claim. */
export const uuidClaim = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)

/** A file or image in a claim. */
export const blobIdClaim = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/)
