import type { EndedWhy, LoginRow, LoginRows } from '../../tx.ts'
import type { Param } from '../bridge/session.ts'
import type { Work } from './work.ts'

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

/** Logins in MariaDB. One that is looked at is held: a refresh token is exchanged once. */
export function mysqlLogins(work: Work): LoginRows {
  const endAll = (where: string, params: readonly Param[], why: EndedWhy) => {
    const sql = `select * from logins where ended_at_ms is null and ${where} order by id for update`
    const rows = work.all<Row>(sql, params)
    for (const row of rows) {
      work.run('update logins set ended_at_ms = ? where id = ?', [work.nowMs, row.id])
      work.effects.ended.push({ user: row.user, login: row.public_id, why })
    }
  }
  return {
    byPublicId(publicId) {
      return login(work.one<Row>('select * from logins where public_id = ? for update', [publicId]))
    },
    insert(user, device, publicId, refreshHash) {
      work.run(
        `insert into logins (public_id, user, device, refresh_hash, rotated_at_ms, created_at_ms)
         values (?, ?, ?, ?, ?, ?)`,
        [publicId, user, device, refreshHash, work.nowMs, work.nowMs],
      )
    },
    rotate(id, refreshHash, previousHash, requestId) {
      work.run(
        `update logins set refresh_hash = ?, previous_hash = ?, previous_request_id = ?,
         rotated_at_ms = ? where id = ?`,
        [refreshHash, previousHash, requestId, work.nowMs, id],
      )
    },
    end: (id, why) => endAll('id = ?', [id], why),
    endOfDevice: (device, why) => endAll('device = ?', [device], why),
    endOfUser: (user, except, why) => endAll('user = ? and id != ?', [user, except], why),
    forgetBefore: (rotatedAtMs) =>
      work.run('delete from logins where rotated_at_ms < ? order by rotated_at_ms limit 1000', [
        rotatedAtMs,
      ]).affectedRows,
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
