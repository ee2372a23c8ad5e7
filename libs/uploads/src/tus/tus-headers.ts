import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '@parley/errors'
import { safeHeaders } from '../http/answer.ts'
import type { Upload } from '../upload.ts'

/** The one version of tus spoken here. */
export const tusVersion = '1.0.0'

/** The media type of every body of bytes. */
const bodyType = 'application/offset+octet-stream'

const numberShape = /^\d{1,15}$/

/** Throws `AppError` (TUS_VERSION, answered 412) unless the client speaks our version. */
export function assertVersion({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers['tus-resumable'] === tusVersion) return
  response.setHeader('Tus-Version', tusVersion)
  throw new AppError('precondition', 'TUS_VERSION', `send Tus-Resumable: ${tusVersion}`)
}

/** True when the request says that it carries bytes of the upload. */
export function carriesBytes({ headers }: IncomingMessage): boolean {
  return headers['content-type'] === bodyType
}

/** The text of a header that may be there once. */
export function headerText({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** A header that is a whole number; throws `AppError` (invalid, HEADER_MALFORMED) otherwise. */
export function headerNumber(request: IncomingMessage, name: string): number {
  const text = headerText(request, name)
  if (text !== undefined && numberShape.test(text)) return Number(text)
  throw new AppError('invalid', 'HEADER_MALFORMED', `${name} must be a whole number`)
}

/** The headers by which every tus answer says where an upload stands. */
export function uploadHeaders(upload: Upload): Record<string, string | number> {
  return {
    ...safeHeaders,
    'Tus-Resumable': tusVersion,
    'Cache-Control': 'no-store',
    'Upload-Offset': upload.offsetBytes,
    'Upload-Expires': new Date(upload.expiresMs).toUTCString(),
  }
}
