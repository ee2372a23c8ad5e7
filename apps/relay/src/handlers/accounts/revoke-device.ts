import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Takes a device of the caller away; its streams end. */
export async function revokeDevice(
  ctx: Context,
  request: chat.RevokeDeviceRequest,
  { user }: Identity,
): Promise<chat.RevokeDeviceResponse> {
  const key = requestKey(user, 'RevokeDevice', chat.RevokeDeviceRequest, request)
  const input = { user, deviceId: idOf(request.deviceId, 'device_id') }
  await commit(ctx, { name: 'revokeDevice', input, request: key })
  return {}
}
