import { grpcService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { signedIn } from '../call.ts'
import { answerInvitation } from './answer.ts'
import { createGroup } from './create.ts'
import { dissolveGroup } from './dissolve.ts'
import { getGroup } from './get.ts'
import { inviteToGroup } from './invite.ts'
import { joinGroup } from './join.ts'
import { leaveGroup } from './leave.ts'
import { listGroups } from './list.ts'
import { removeMember } from './remove.ts'
import { renameGroup } from './rename.ts'
import { setPicture } from './set-picture.ts'
import { setRole } from './set-role.ts'

/** parley.chat.v1.Groups. */
export function groupsService(ctx: Context): GrpcService {
  const implementation: chat.GroupsServer = {
    create: signedIn(ctx, createGroup),
    get: signedIn(ctx, getGroup),
    list: signedIn(ctx, listGroups),
    invite: signedIn(ctx, inviteToGroup),
    answer: signedIn(ctx, answerInvitation),
    join: signedIn(ctx, joinGroup),
    leave: signedIn(ctx, leaveGroup),
    remove: signedIn(ctx, removeMember),
    setRole: signedIn(ctx, setRole),
    rename: signedIn(ctx, renameGroup),
    setPicture: signedIn(ctx, setPicture),
    dissolve: signedIn(ctx, dissolveGroup),
  }
  return grpcService(chat.GroupsService, implementation)
}
