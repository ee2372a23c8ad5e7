import { AppError } from '@parley/errors'
import { parseChecksum } from '../checksum.ts'
import type { Exchange } from '../http/exchange.ts'
import { requestBody } from '../http/request-body.ts'
import type { Appended, Upload } from '../upload.ts'
import { ownerOf } from './tus-context.ts'
import type { TusContext } from './tus-context.ts'
import {
  assertVersion,
  carriesBytes,
  headerNumber,
  headerText,
  uploadHeaders,
} from './tus-headers.ts'
import { parseMetadata } from './upload-metadata.ts'

/** POST /uploads: begins an upload, with its first bytes if the request carries some. */
export async function createUpload(ctx: TusContext, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const owner = await ownerOf(ctx, request)
  assertVersion(request, response)
  assertPlainCreation(exchange)
  const sizeBytes = headerNumber(request, 'upload-length')
  const checksum = parseChecksum(headerText(request, 'upload-checksum'))
  const metadata = parseMetadata(headerText(request, 'upload-metadata'))
  const upload = await ctx.uploads.create(owner, { sizeBytes, ...metadata })
  // Set now: should the first bytes be refused, the client still learns where to go on.
  response.setHeader('Location', `/uploads/${upload.id}`)
  const body = { chunks: requestBody(exchange), checksum }
  const first = await firstBytes(ctx, exchange, upload, body)
  const { offsetBytes, file } = first
  const told = file ? await ctx.headersOf(file) : {}
  const stands = uploadHeaders({ ...upload, offsetBytes })
  response.writeHead(201, { ...stands, ...told, 'Content-Length': 0 }).end()
}

async function firstBytes(
  ctx: TusContext,
  { request }: Exchange,
  upload: Upload,
  body: Parameters<TusContext['uploads']['append']>[3],
): Promise<Appended> {
  const { id, owner, sizeBytes } = upload
  if (carriesBytes(request)) return ctx.uploads.append(id, owner, 0, body)
  if (sizeBytes > 0) return { offsetBytes: 0, file: undefined }
  return { offsetBytes: 0, file: await ctx.uploads.result(id, owner) }
}

function assertPlainCreation({ request }: Exchange): void {
  const { headers } = request
  if (headers['upload-concat'] !== undefined || headers['upload-defer-length'] !== undefined) {
    const message = 'uploads have a known length and one part'
    throw new AppError('invalid', 'EXTENSION_UNSUPPORTED', message)
  }
}
