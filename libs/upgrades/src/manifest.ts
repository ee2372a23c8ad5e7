import { AppError } from '@parley/errors'
import { z } from 'zod'
import { isNewer, isVersion } from './versions.ts'

/** What an operator signs of a client package. */
export interface Manifest {
  /** For example `stable`. */
  readonly channel: string
  /** For example `linux-x64`. */
  readonly platform: string
  readonly version: string
  /** The package on the file server. */
  readonly fileId: string
  readonly sizeBytes: number
  /** BLAKE3 of the package as 64 lower-case hex digits. */
  readonly digest: string
  /** Clients before this one are too old. */
  readonly minVersion: string
  /** For people; may be empty. */
  readonly notes: string
  /** By the operator's clock. */
  readonly publishedAtMs: number
}

/** The longest notes, in UTF-8. */
export const maxNotesBytes = 4_096
/** The longest manifest. */
export const maxManifestBytes = 8_192

const place = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,31}$/)
const version = z.string().refine(isVersion)

const shape = z
  .strictObject({
    channel: place,
    platform: place,
    version,
    fileId: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
    sizeBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    minVersion: version,
    notes: z.string().refine((text) => Buffer.byteLength(text) <= maxNotesBytes),
    publishedAtMs: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  })
  // A package that is itself too old would be offered for ever.
  .refine((manifest) => !isNewer(manifest.minVersion, manifest.version), { path: ['minVersion'] })

/** The one way to write a manifest: JSON with its keys in order and no spaces; throws as `parseManifest`. */
export function encodeManifest(manifest: Manifest): Buffer {
  const bytes = canonical(checked(manifest))
  if (bytes.length > maxManifestBytes) throw malformed('it is too long')
  return bytes
}

/** Reads what `encodeManifest` wrote; throws `AppError` (invalid, MANIFEST_MALFORMED) for anything else. */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > maxManifestBytes) throw malformed('it is too long')
  const manifest = checked(jsonOf(bytes))
  // Written in one way only, so that nobody reads two meanings into the same bytes.
  if (canonical(manifest).equals(bytes)) return manifest
  throw malformed('it is not written in the canonical form')
}

function canonical(manifest: Manifest): Buffer {
  const entries = Object.entries(manifest).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Buffer.from(JSON.stringify(Object.fromEntries(entries)))
}

function checked(value: unknown): Manifest {
  const read = shape.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field = issue?.path.join('.')
  throw malformed(field ? `${field} is not as it should be` : 'fields are missing or unknown')
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    throw malformed('it is no JSON')
  }
}

function malformed(why: string): AppError {
  return new AppError('invalid', 'MANIFEST_MALFORMED', `the manifest cannot be used: ${why}`)
}
