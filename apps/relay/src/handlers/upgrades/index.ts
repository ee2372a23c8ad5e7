import { grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { signedIn } from '../call.ts'
import { createTicket } from './create-ticket.ts'
import { latest } from './latest.ts'

/** parley.chat.v1.Upgrades. */
export function upgradesService(ctx: Context): GrpcService {
  const implementation: chat.UpgradesServer = {
    latest: signedIn(ctx, latest),
    createTicket: signedIn(ctx, createTicket),
  }
  return grpcService(chat.UpgradesService, implementation)
}
