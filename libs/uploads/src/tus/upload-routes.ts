import { checksumAlgorithms } from '../checksum.ts'
import { safeHeaders } from '../http/answer.ts'
import type { Exchange, Route } from '../http/exchange.ts'
import { appendUpload } from './append-upload.ts'
import { createUpload } from './create-upload.ts'
import { getUpload, headUpload } from './read-upload.ts'
import { ownerOf } from './tus-context.ts'
import type { TusContext } from './tus-context.ts'
import { assertVersion, tusVersion } from './tus-headers.ts'

/** The routes of tus 1.0 with creation, creation-with-upload, termination, checksum and expiration. */
export function uploadRoutes(ctx: TusContext): Route[] {
  const options = async (exchange: Exchange) => describe(ctx, exchange)
  return [
    { method: 'OPTIONS', path: '/uploads', handle: options },
    { method: 'OPTIONS', path: '/uploads/:id', handle: options },
    { method: 'POST', path: '/uploads', handle: (exchange) => createUpload(ctx, exchange) },
    { method: 'HEAD', path: '/uploads/:id', handle: (exchange) => headUpload(ctx, exchange) },
    { method: 'GET', path: '/uploads/:id', handle: (exchange) => getUpload(ctx, exchange) },
    { method: 'PATCH', path: '/uploads/:id', handle: (exchange) => appendUpload(ctx, exchange) },
    { method: 'DELETE', path: '/uploads/:id', handle: (exchange) => removeUpload(ctx, exchange) },
  ]
}

async function removeUpload(ctx: TusContext, { request, response, params }: Exchange) {
  const owner = await ownerOf(ctx, request)
  const id = params['id'] ?? ''
  ctx.uploads.find(id, owner)
  assertVersion(request, response)
  await ctx.uploads.remove(id, owner)
  response.writeHead(204, { ...safeHeaders, 'Tus-Resumable': tusVersion }).end()
}

function describe(ctx: TusContext, { response }: Exchange): void {
  response
    .writeHead(204, {
      ...safeHeaders,
      'Tus-Resumable': tusVersion,
      'Tus-Version': tusVersion,
      'Tus-Extension': 'creation,creation-with-upload,termination,checksum,expiration',
      'Tus-Checksum-Algorithm': checksumAlgorithms,
      'Tus-Max-Size': ctx.maxUploadBytes,
    })
    .end()
}
