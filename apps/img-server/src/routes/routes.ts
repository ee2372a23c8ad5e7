import { verifyAccessToken } from '@parley/auth'
import type { Health } from '@parley/service-kit'
import { healthRoute, uploadRoutes } from '@parley/uploads'
import type { Exchange, Route } from '@parley/uploads'
import type { ImgServerContext } from '../context.ts'
import { imageLimits } from '../domain/image-limits.ts'
import { imageHeaders } from '../image-headers.ts'
import { readImage } from './read-image.ts'

/** Everything the public door answers. */
export function routesOf(ctx: ImgServerContext, health: Health): Route[] {
  const read = (exchange: Exchange) => readImage(ctx, exchange)
  const uploads = uploadRoutes({
    uploads: ctx.store.uploads,
    maxUploadBytes: imageLimits.maxBytes,
    authenticate: async (token) => (await verifyAccessToken(ctx.verifier, token, 'images')).userId,
    headersOf: async (file) => {
      // Whoever is told of an image may ask any server for it.
      await ctx.store.shelf.settle(file.id)
      return imageHeaders(ctx, file)
    },
  })
  return [
    ...uploads,
    { method: 'GET', path: '/images/:id/:variant', handle: read },
    { method: 'HEAD', path: '/images/:id/:variant', handle: read },
    healthRoute(() => health.report()),
  ]
}
