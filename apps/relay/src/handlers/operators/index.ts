import { grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { keyed } from '../call.ts'
import { admitPackage } from './admit-package.ts'
import { createInvitationCode } from './create-invitation-code.ts'
import { listSessions } from './list-sessions.ts'
import { listUsers } from './list-users.ts'
import { publishUpgrade } from './publish-upgrade.ts'
import { resetPassword } from './reset-password.ts'
import { setDisabled } from './set-disabled.ts'

/** parley.chat.v1.Operators. */
export function operatorsService(ctx: Context): GrpcService {
  const implementation: chat.OperatorsServer = {
    listUsers: keyed(ctx, listUsers),
    createInvitationCode: keyed(ctx, createInvitationCode),
    setDisabled: keyed(ctx, setDisabled),
    resetPassword: keyed(ctx, resetPassword),
    listSessions: keyed(ctx, listSessions),
    admitPackage: keyed(ctx, admitPackage),
    publishUpgrade: keyed(ctx, publishUpgrade),
  }
  return grpcService(chat.OperatorsService, implementation)
}
