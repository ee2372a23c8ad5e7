import type { LeaseRows } from '../../chore-rows.ts'
import type { Sqlite } from '../open-database.ts'

/** Leases in SQLite. */
export function sqliteLeases(db: Sqlite, nowMs: () => number): LeaseRows {
  const others = db.prepare<[string, string, number], { found: 1 }>(
    'select 1 as found from leases where name = ? and holder != ? and until_ms > ?',
  )
  const put = db.prepare('insert or replace into leases (name, holder, until_ms) values (?, ?, ?)')
  return {
    take(name, holder, forMs) {
      if (others.get(name, holder, nowMs()) !== undefined) return false
      put.run(name, holder, nowMs() + forMs)
      return true
    },
  }
}
