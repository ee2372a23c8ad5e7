import { AppError } from '@parley/errors'

/** What is read from an `Upload-Metadata` header. */
export interface UploadMetadata {
  /** The `filename`, as the client gave it. */
  readonly name: string | undefined
  /** The header as it came. */
  readonly metadata: string | undefined
}

const maxHeaderChars = 4_096
const maxNameBytes = 1_024
const pairShape = /^([!-+\--~]{1,128})(?: ([A-Za-z0-9+/]*={0,2}))?$/

/** Reads an `Upload-Metadata` header: pairs of a key and base64, each key once. */
export function parseMetadata(header: string | undefined): UploadMetadata {
  if (header === undefined || header === '') return { name: undefined, metadata: undefined }
  if (header.length > maxHeaderChars) throw malformed('is longer than 4,096 characters')
  const values = new Map<string, string>()
  for (const pair of header.split(',')) {
    const match = pairShape.exec(pair.trim())
    const key = match?.[1]
    if (key === undefined) throw malformed('is not a list of keys and base64 values')
    if (values.has(key)) throw malformed('has a key twice')
    values.set(key, match?.[2] ?? '')
  }
  return { name: nameOf(values.get('filename')), metadata: header }
}

function nameOf(base64: string | undefined): string | undefined {
  if (!base64) return undefined
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > maxNameBytes) throw malformed('has a filename of more than 1,024 bytes')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('has a filename that is not UTF-8')
  }
}

function malformed(why: string): AppError {
  return new AppError('invalid', 'METADATA_MALFORMED', `Upload-Metadata ${why}`)
}
