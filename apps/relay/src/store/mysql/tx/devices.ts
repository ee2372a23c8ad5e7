import { deviceLease } from '../../chore-rows.ts'
import type { DeviceRow, DeviceRows, LoginRows } from '../../tx.ts'
import type { Work } from './work.ts'

const select = 'select id, public_id as publicId, user, name from devices'

/** Devices in MariaDB. */
export function mysqlDevices(work: Work, logins: LoginRows): DeviceRows {
  return {
    byId: (id) => work.one<DeviceRow>(`${select} where id = ?`, [id]),
    byPublicId: (publicId) => work.one<DeviceRow>(`${select} where public_id = ?`, [publicId]),
    countOf: (user) => work.number('select count(*) as n from devices where user = ?', [user]),
    insert(user, publicId, name) {
      const { insertId } = work.run(
        `insert into devices (public_id, user, name, created_at_ms, last_seen_at_ms)
         values (?, ?, ?, ?, ?)`,
        [publicId, user, name, work.nowMs, work.nowMs],
      )
      return insertId
    },
    seen(id, name) {
      const sql = 'update devices set name = coalesce(?, name), last_seen_at_ms = ? where id = ?'
      work.run(sql, [name ?? null, work.nowMs, id])
    },
    stalest: (user) =>
      work.one<DeviceRow>(`${select} where user = ? order by last_seen_at_ms, id limit 1`, [user]),
    remove(id, why) {
      logins.endOfDevice(id, why)
      work.run('delete from logins where device = ?', [id])
      work.run('delete from cursors where device = ?', [id])
      work.run('delete from leases where name = ?', [deviceLease(id)])
      work.run('delete from devices where id = ?', [id])
    },
  }
}
