import { grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { signedIn } from '../call.ts'
import { listConversations } from './list-conversations.ts'
import { listMessages } from './list-messages.ts'
import { search } from './search.ts'

/** parley.chat.v1.History. */
export function historyService(ctx: Context): GrpcService {
  const implementation: chat.HistoryServer = {
    listConversations: signedIn(ctx, listConversations),
    listMessages: signedIn(ctx, listMessages),
    search: signedIn(ctx, search),
  }
  return grpcService(chat.HistoryService, implementation)
}
