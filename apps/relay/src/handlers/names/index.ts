import { grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import type { Context } from '../../context.ts'
import { keyed } from '../call.ts'
import { check } from './check.ts'

/** parley.common.v1.Names. */
export function namesService(ctx: Context): GrpcService {
  const implementation: common.NamesServer = { check: keyed(ctx, check) }
  return grpcService(common.NamesService, implementation)
}
