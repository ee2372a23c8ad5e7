import { issueReceipt, verifyAccessToken } from '@parley/auth'
import { healthRoute, uploadRoutes } from '@parley/uploads'
import type { Exchange, Route, StoredFile } from '@parley/uploads'
import type { FileServerContext } from './context.ts'
import { downloadFile } from './handlers/download-file.ts'

/** Every route of the public door. */
export function fileServerRoutes(ctx: FileServerContext): Route[] {
  const download = (exchange: Exchange) => downloadFile(ctx, exchange)
  return [
    healthRoute(() => ctx.health.report()),
    { method: 'GET', path: '/files/:id', handle: download },
    { method: 'HEAD', path: '/files/:id', handle: download },
    ...uploadRoutes({
      uploads: ctx.store.uploads,
      maxUploadBytes: ctx.limits.maxUploadBytes,
      authenticate: async (token) => (await verifyAccessToken(ctx.verifier, token, 'files')).userId,
      headersOf: (file) => receiptHeaders(ctx, file),
    }),
  ]
}

// A fresh receipt at each telling: the uploader may ask again after the first has expired.
async function receiptHeaders(ctx: FileServerContext, file: StoredFile) {
  const [variant] = file.variants
  if (!variant) throw new Error(`file ${file.id} has no blob`)
  const receipt = await issueReceipt(ctx.signer, {
    ownerId: file.owner,
    blobId: file.id,
    sizeBytes: variant.sizeBytes,
    digest: variant.digest,
    mediaType: variant.type,
  })
  return { 'Parley-File-Id': file.id, 'Parley-Receipt': receipt.token }
}
