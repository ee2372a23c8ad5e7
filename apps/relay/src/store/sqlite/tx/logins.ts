import type { EndedLogin } from '../../journal.ts'
import type { EndedWhy, LoginRow, LoginRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

interface Row {
  readonly id: number
  readonly public_id: Uint8Array
  readonly user: number
  readonly device: number
  readonly refresh_hash: Uint8Array
  readonly previous_hash: Uint8Array | null
  readonly previous_request_id: Uint8Array | null
  readonly rotated_at_ms: number
  readonly ended_at_ms: number | null
}

/** Logins in SQLite; what ends one is told to `ended`. */
export function sqliteLogins(
  db: Sqlite,
  nowMs: () => number,
  ended: (login: EndedLogin) => void,
): LoginRows {
  const byPublicId = db.prepare<[Uint8Array], Row>('select * from logins where public_id = ?')
  const insert = db.prepare(
    `insert into logins (public_id, user, device, refresh_hash, rotated_at_ms, created_at_ms)
     values (?, ?, ?, ?, ?, ?)`,
  )
  const rotate = db.prepare(
    `update logins set refresh_hash = ?, previous_hash = ?, previous_request_id = ?,
     rotated_at_ms = ? where id = ?`,
  )
  const live = (where: string) =>
    db.prepare<unknown[], Row>(`select * from logins where ended_at_ms is null and ${where}`)
  const [one, ofDevice, ofUser] = [live('id = ?'), live('device = ?'), live('user = ? and id != ?')]
  const end = db.prepare('update logins set ended_at_ms = ? where id = ?')
  const forget = db.prepare(
    `delete from logins where id in (select id from logins where rotated_at_ms < ? limit 1000)`,
  )
  const endAll = (rows: readonly Row[], why: EndedWhy) => {
    for (const row of rows) {
      end.run(nowMs(), row.id)
      ended({ user: row.user, login: row.public_id, why })
    }
  }
  return {
    byPublicId: (publicId) => login(byPublicId.get(publicId)),
    insert(user, device, publicId, refreshHash) {
      insert.run(publicId, user, device, refreshHash, nowMs(), nowMs())
    },
    rotate(id, refreshHash, previousHash, requestId) {
      rotate.run(refreshHash, previousHash, requestId, nowMs(), id)
    },
    end: (id, why) => endAll(one.all(id), why),
    endOfDevice: (device, why) => endAll(ofDevice.all(device), why),
    endOfUser: (user, except, why) => endAll(ofUser.all(user, except), why),
    forgetBefore: (rotatedAtMs) => forget.run(rotatedAtMs).changes,
  }
}

function login(row: Row | undefined): LoginRow | undefined {
  if (row === undefined) return undefined
  return {
    id: row.id,
    publicId: row.public_id,
    user: row.user,
    device: row.device,
    refreshHash: row.refresh_hash,
    previousHash: row.previous_hash ?? undefined,
    previousRequestId: row.previous_request_id ?? undefined,
    rotatedAtMs: row.rotated_at_ms,
    ended: row.ended_at_ms !== null,
  }
}
