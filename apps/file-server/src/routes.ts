import { verifyAccessToken } from '@parley/auth'
import { healthRoute, uploadRoutes } from '@parley/uploads'
import type { Exchange, Route } from '@parley/uploads'
import type { FileServerContext } from './context.ts'
import { askPossession } from './handlers/ask-possession.ts'
import { downloadFile } from './handlers/download-file.ts'
import { provePossession } from './handlers/prove-possession.ts'
import { receiptHeaders } from './receipt-headers.ts'

/** Every route of the public door. */
export function fileServerRoutes(ctx: FileServerContext): Route[] {
  const download = (exchange: Exchange) => downloadFile(ctx, exchange)
  return [
    healthRoute(() => ctx.health.report()),
    { method: 'GET', path: '/files/:id', handle: download },
    { method: 'HEAD', path: '/files/:id', handle: download },
    {
      method: 'POST',
      path: '/possessions',
      handle: (exchange) => askPossession(ctx, exchange),
    },
    {
      method: 'POST',
      path: '/possessions/:id',
      handle: (exchange) => provePossession(ctx, exchange),
    },
    ...uploadRoutes({
      uploads: ctx.store.uploads,
      maxUploadBytes: ctx.limits.maxUploadBytes,
      authenticate: async (token) => (await verifyAccessToken(ctx.verifier, token, 'files')).userId,
      headersOf: (file) => receiptHeaders(ctx, file),
    }),
  ]
}
