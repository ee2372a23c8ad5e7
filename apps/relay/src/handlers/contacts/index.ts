import { grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { signedIn } from '../call.ts'
import { answerContact } from './answer.ts'
import { blockUser } from './block.ts'
import { listContacts } from './list.ts'
import { removeContact } from './remove.ts'
import { requestContact } from './request.ts'
import { setRemark } from './set-remark.ts'
import { unblockUser } from './unblock.ts'

/** parley.chat.v1.Contacts. */
export function contactsService(ctx: Context): GrpcService {
  const implementation: chat.ContactsServer = {
    request: signedIn(ctx, requestContact),
    answer: signedIn(ctx, answerContact),
    remove: signedIn(ctx, removeContact),
    block: signedIn(ctx, blockUser),
    unblock: signedIn(ctx, unblockUser),
    setRemark: signedIn(ctx, setRemark),
    list: signedIn(ctx, listContacts),
  }
  return grpcService(chat.ContactsService, implementation)
}
