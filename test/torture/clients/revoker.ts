import { idBytes } from '@parley/client'
import type { Person } from '../../harness/person.ts'
import type { Recorder } from './recorder.ts'
import { isUnknown } from './unary.ts'

/** Ends the login of another device of the same user. */
export async function revoke(by: Person, deviceId: string, recorder: Recorder): Promise<void> {
  const who = { user: by.userId, device: by.login().deviceId }
  const told = { f: 'revoke', ofDevice: deviceId } as const
  recorder.note(who, { ...told, op: 'invoke' })
  try {
    await by.calls.accounts.revokeDevice({ deviceId: idBytes(deviceId) })
    recorder.note(who, { ...told, op: 'ok' })
  } catch (error) {
    recorder.note(who, { ...told, op: isUnknown(error) ? 'info' : 'fail' })
  }
}
