import { uuidv7 } from '@parley/service-kit'
import type { NewLogin } from '../../commands/accounts/login-answer.ts'
import type { Context } from '../../context.ts'
import { secretHash } from '../../security/refresh-tokens.ts'
import { lineOf, optionalId } from '../checks.ts'

/** What Register and Login say of the device. */
interface DeviceRequest {
  readonly deviceId: Uint8Array
  readonly deviceName: string
}

/** The login that a request asks for, under a new id. */
export function newLogin(ctx: Context, request: DeviceRequest, requestId: Uint8Array): NewLogin {
  const deviceName = lineOf(request.deviceName, { field: 'device_name', maxBytes: 64 })
  const deviceId = optionalId(request.deviceId, 'device_id')
  const loginId = uuidv7(ctx.scheduler)
  const refreshHash = secretHash(ctx.security.refresh.first(loginId, requestId))
  return { loginId, refreshHash, deviceId, deviceName }
}
