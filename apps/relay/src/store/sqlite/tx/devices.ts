import type { DeviceRow, DeviceRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

/** Devices in SQLite. */
export function sqliteDevices(db: Sqlite, nowMs: () => number): DeviceRows {
  const byPublicId = db.prepare<[Uint8Array], DeviceRow>(
    'select id, public_id as publicId, user, name from devices where public_id = ?',
  )
  const countOf = db
    .prepare<[number], number>('select count(*) from devices where user = ?')
    .pluck()
  const insert = db.prepare(
    `insert into devices (public_id, user, name, created_at_ms, last_seen_at_ms)
     values (?, ?, ?, ?, ?)`,
  )
  const seen = db.prepare('update devices set name = ?, last_seen_at_ms = ? where id = ?')
  return {
    byPublicId: (publicId) => byPublicId.get(publicId),
    countOf: (user) => countOf.get(user) ?? 0,
    insert(user, publicId, name) {
      return Number(insert.run(publicId, user, name, nowMs(), nowMs()).lastInsertRowid)
    },
    seen: (id, name) => void seen.run(name, nowMs(), id),
  }
}
