import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { bytesEqual } from '../../domain/bytes.ts'
import type { Identity } from '../../security/identity.ts'

/** The devices on which the caller is logged in, the one that was here last first. */
export async function listDevices(
  ctx: Context,
  _request: chat.ListDevicesRequest,
  { user, deviceId }: Identity,
): Promise<chat.ListDevicesResponse> {
  const lines = await ctx.journal.ask('devicesOf', { user })
  const devices = lines.map(({ publicId, name, createdAtMs, lastSeenAtMs }) => ({
    deviceId: Buffer.from(publicId),
    name,
    createdAtMs,
    lastSeenAtMs,
    current: bytesEqual(publicId, deviceId),
  }))
  return { devices }
}
