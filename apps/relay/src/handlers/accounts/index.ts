import { grpcService, unary } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { anybody, signedIn } from '../call.ts'
import { changePassword } from './change-password.ts'
import { findUsers } from './find-users.ts'
import { getProfile } from './get-profile.ts'
import { listDevices } from './list-devices.ts'
import { listOnline } from './list-online.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'
import { register } from './register.ts'
import { revokeDevice } from './revoke-device.ts'
import { setPicture } from './set-picture.ts'
import { updateProfile } from './update-profile.ts'

/** parley.chat.v1.Accounts. */
export function accountsService(ctx: Context): GrpcService {
  const implementation: chat.AccountsServer = {
    register: anybody(ctx, register),
    login: anybody(ctx, login),
    refresh: anybody(ctx, refresh),
    logout: unary(ctx, (request: chat.LogoutRequest, call) => logout(ctx, request, call)),
    changePassword: signedIn(ctx, changePassword),
    listDevices: signedIn(ctx, listDevices),
    revokeDevice: signedIn(ctx, revokeDevice),
    getProfile: signedIn(ctx, getProfile),
    updateProfile: signedIn(ctx, updateProfile),
    setPicture: signedIn(ctx, setPicture),
    findUsers: signedIn(ctx, findUsers),
    listOnline: signedIn(ctx, listOnline),
  }
  return grpcService(chat.AccountsService, implementation)
}
