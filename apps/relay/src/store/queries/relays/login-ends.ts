import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'
import type { EndedWhy } from '../../tx.ts'

/** A login that is over. */
export interface LoginEnd {
  readonly loginId: Uint8Array
  readonly why: EndedWhy
}

/** Which of these logins have ended, forgotten ones included; ask for 1,000 at most. */
export async function loginEnds(
  db: Kysely<Tables>,
  { loginIds }: { readonly loginIds: readonly Uint8Array[] },
): Promise<LoginEnd[]> {
  const rows = await db
    .selectFrom('logins as l')
    .innerJoin('users as u', 'u.id', 'l.user')
    .select(['l.public_id as loginId', 'l.ended_at_ms as endedAtMs', 'u.disabled'])
    .where('l.public_id', 'in', [...loginIds])
    .execute()
  const states = new Map(rows.map((row) => [hex(row.loginId), row]))
  return loginIds.flatMap((loginId): LoginEnd[] => {
    const state = states.get(hex(loginId))
    if (state !== undefined && state.endedAtMs === null && state.disabled === 0) return []
    return [{ loginId, why: state !== undefined && state.disabled !== 0 ? 'DISABLED' : 'REVOKED' }]
  })
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString('hex')
}
