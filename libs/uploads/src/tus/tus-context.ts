import type { IncomingMessage } from 'node:http'
import { bearerOf } from '../http/bearer.ts'
import type { StoredFile } from '../stored-file.ts'
import type { Uploads } from '../uploads.ts'

/** What the upload routes stand on. */
export interface TusContext {
  readonly uploads: Uploads
  /** The largest upload, for `Tus-Max-Size`. */
  readonly maxUploadBytes: number
  /** The user uuid that an access token proves; throws `AppError` (unauthenticated) for a bad one. */
  readonly authenticate: (token: string) => Promise<string>
  /** Headers that tell the uploader of the finished file, such as its id and receipt. */
  readonly headersOf: (file: StoredFile) => Promise<Readonly<Record<string, string>>>
}

/** Who is uploading. */
export function ownerOf(ctx: TusContext, request: IncomingMessage): Promise<string> {
  return ctx.authenticate(bearerOf(request))
}
