import { AppError } from '@parley/errors'
import { parseChecksum } from '../checksum.ts'
import type { Exchange } from '../http/exchange.ts'
import { requestBody } from '../http/request-body.ts'
import { offsetMismatch, uploadTooLong } from '../refusals.ts'
import type { Upload } from '../upload.ts'
import { ownerOf } from './tus-context.ts'
import type { TusContext } from './tus-context.ts'
import {
  assertVersion,
  carriesBytes,
  headerNumber,
  headerText,
  uploadHeaders,
} from './tus-headers.ts'

/** PATCH /uploads/:id: appends bytes; the answer to the last ones tells of the finished file. */
export async function appendUpload(ctx: TusContext, exchange: Exchange): Promise<void> {
  const { request, response, params } = exchange
  const owner = await ownerOf(ctx, request)
  const upload = ctx.uploads.find(params['id'] ?? '', owner)
  assertVersion(request, response)
  if (!carriesBytes(request)) throw wrongType()
  const offsetBytes = headerNumber(request, 'upload-offset')
  const checksum = parseChecksum(headerText(request, 'upload-checksum'))
  assertFits(exchange, upload, offsetBytes)
  const body = { chunks: requestBody(exchange), checksum }
  const done = await ctx.uploads.append(upload.id, owner, offsetBytes, body)
  const told = done.file ? await ctx.headersOf(done.file) : {}
  const stands = { ...upload, offsetBytes: done.offsetBytes }
  response.writeHead(204, { ...uploadHeaders(stands), ...told }).end()
}

// Before the first byte is asked for; while bytes come, the store watches again.
function assertFits({ request }: Exchange, upload: Upload, offsetBytes: number): void {
  if (offsetBytes !== upload.offsetBytes) throw offsetMismatch(upload.offsetBytes)
  const lengthBytes = Number(request.headers['content-length'] ?? 0)
  if (offsetBytes + lengthBytes > upload.sizeBytes) throw uploadTooLong()
}

function wrongType(): AppError {
  const message = 'the body must be application/offset+octet-stream'
  return new AppError('unsupported', 'BODY_TYPE', message)
}
