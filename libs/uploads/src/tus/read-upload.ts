import { answerJson } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { StoredFile } from '../stored-file.ts'
import type { Upload } from '../upload.ts'
import { ownerOf } from './tus-context.ts'
import type { TusContext } from './tus-context.ts'
import { assertVersion, uploadHeaders } from './tus-headers.ts'

/** HEAD /uploads/:id: where to go on, and once all bytes are there, what they became. */
export async function headUpload(ctx: TusContext, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const owner = await ownerOf(ctx, request)
  const { upload, file } = await load(ctx, exchange, owner)
  assertVersion(request, response)
  const told = file ? await ctx.headersOf(file) : {}
  response.writeHead(200, { ...fullHeaders(upload), ...told }).end()
}

/** GET /uploads/:id: the same for whoever prefers to read it as JSON. */
export async function getUpload(ctx: TusContext, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const owner = await ownerOf(ctx, request)
  const { upload, file } = await load(ctx, exchange, owner)
  const told = file ? await ctx.headersOf(file) : {}
  for (const [name, value] of Object.entries({ ...fullHeaders(upload), ...told })) {
    response.setHeader(name, value)
  }
  const { sizeBytes, offsetBytes } = upload
  answerJson(response, 200, { upload: { sizeBytes, offsetBytes, fileId: file?.id ?? null } })
}

async function load(
  ctx: TusContext,
  { params }: Exchange,
  owner: string,
): Promise<{ upload: Upload; file: StoredFile | undefined }> {
  const id = params['id'] ?? ''
  await ctx.uploads.settle(id, owner)
  const file = await ctx.uploads.result(id, owner)
  return { upload: ctx.uploads.find(id, owner), file }
}

function fullHeaders(upload: Upload): Record<string, string | number> {
  const { metadata, sizeBytes } = upload
  const given = metadata === undefined ? {} : { 'Upload-Metadata': metadata }
  return { ...uploadHeaders(upload), 'Upload-Length': sizeBytes, ...given }
}
