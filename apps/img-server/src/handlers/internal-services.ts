import {
  grpcService,
  healthService,
  requireKey,
  serviceKeyHeader,
  signingKeysService,
  unary,
} from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { images } from '@parley/proto'
import type { Health } from '@parley/service-kit'
import { holdsService } from '@parley/uploads'
import type { ImgServerContext } from '../context.ts'
import { getUsage } from './get-usage.ts'

/** Everything the internal door answers: for other services that know the key, health for anybody. */
export function internalServices(
  ctx: ImgServerContext,
  health: Health,
  serviceKey: string,
): GrpcService[] {
  const { log, scheduler, store } = ctx
  const { files, collection } = store
  const holds = holdsService({ files, collection, log, scheduler })
  const usage = grpcService(images.ImagesService, {
    getUsage: unary<images.GetUsageRequest, images.GetUsageResponse>(ctx, () => getUsage(ctx)),
  })
  const guarded = [holds, usage, signingKeysService(ctx, ctx.signer.jwks)]
  return [
    ...guarded.map((service) => requireKey(service, serviceKeyHeader, serviceKey)),
    healthService(ctx, health),
  ]
}
