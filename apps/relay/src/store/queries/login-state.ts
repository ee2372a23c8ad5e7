import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** What must be known of a login before its token counts. */
export interface LoginState {
  readonly user: number
  readonly userId: Uint8Array
  readonly userName: string
  readonly device: number
  readonly deviceId: Uint8Array
  readonly ended: boolean
  readonly disabled: boolean
}

/** The login with its user and device, or undefined when there is none. */
export async function loginState(
  db: Kysely<Tables>,
  { loginId }: { readonly loginId: Uint8Array },
): Promise<LoginState | undefined> {
  const row = await db
    .selectFrom('logins as l')
    .innerJoin('users as u', 'u.id', 'l.user')
    .innerJoin('devices as d', 'd.id', 'l.device')
    .select(['u.id as user', 'u.public_id as userId', 'u.name as userName', 'u.disabled'])
    .select(['d.id as device', 'd.public_id as deviceId', 'l.ended_at_ms'])
    .where('l.public_id', '=', loginId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { user, userId, userName, device, deviceId } = row
  const [ended, disabled] = [row.ended_at_ms !== null, row.disabled !== 0]
  return { user, userId, userName, device, deviceId, ended, disabled }
}
