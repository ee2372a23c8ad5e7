import { grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { signedIn } from '../call.ts'
import { createPictureTicket } from './create-picture-ticket.ts'
import { createTicket } from './create-ticket.ts'

/** parley.chat.v1.Attachments. */
export function attachmentsService(ctx: Context): GrpcService {
  const implementation: chat.AttachmentsServer = {
    createTicket: signedIn(ctx, createTicket),
    createPictureTicket: signedIn(ctx, createPictureTicket),
  }
  return grpcService(chat.AttachmentsService, implementation)
}
