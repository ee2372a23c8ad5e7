import { deviceLease } from '../../chore-rows.ts'
import type { DeviceRow, DeviceRows, LoginRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

const columns = 'id, public_id as publicId, user, name'

/** Devices in SQLite. */
export function sqliteDevices(db: Sqlite, nowMs: () => number, logins: LoginRows): DeviceRows {
  const select = statements(db)
  return {
    byId: (id) => select.byId.get(id),
    byPublicId: (publicId) => select.byPublicId.get(publicId),
    countOf: (user) => select.countOf.get(user) ?? 0,
    insert(user, publicId, name) {
      return Number(select.insert.run(publicId, user, name, nowMs(), nowMs()).lastInsertRowid)
    },
    seen: (id, name) => void select.seen.run(name ?? null, nowMs(), id),
    stalest: (user) => select.stalest.get(user),
    remove(id, why) {
      logins.endOfDevice(id, why)
      select.removeLease.run(deviceLease(id))
      for (const each of select.remove) each.run(id)
    },
  }
}

function statements(db: Sqlite) {
  return {
    byId: db.prepare<[number], DeviceRow>(`select ${columns} from devices where id = ?`),
    byPublicId: db.prepare<[Uint8Array], DeviceRow>(
      `select ${columns} from devices where public_id = ?`,
    ),
    stalest: db.prepare<[number], DeviceRow>(
      `select ${columns} from devices where user = ? order by last_seen_at_ms, id limit 1`,
    ),
    countOf: db.prepare<[number], number>('select count(*) from devices where user = ?').pluck(),
    insert: db.prepare(
      `insert into devices (public_id, user, name, created_at_ms, last_seen_at_ms)
       values (?, ?, ?, ?, ?)`,
    ),
    seen: db.prepare(
      'update devices set name = coalesce(?, name), last_seen_at_ms = ? where id = ?',
    ),
    removeLease: db.prepare<[string]>('delete from leases where name = ?'),
    remove: [
      db.prepare<[number]>('delete from logins where device = ?'),
      db.prepare<[number]>('delete from cursors where device = ?'),
      db.prepare<[number]>('delete from devices where id = ?'),
    ],
  }
}
