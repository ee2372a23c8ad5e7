import type { LeaseRows } from '../../chore-rows.ts'
import type { Work } from './work.ts'

// The clocks of relays may differ; the database has one.
const now = 'floor(unix_timestamp(now(3)) * 1000)'

/** Leases in MariaDB. */
export function mysqlLeases(work: Work): LeaseRows {
  return {
    take(name, holder, forMs) {
      const row = work.one<{ holder: string; live: number }>(
        `select holder, until_ms > ${now} as live from leases where name = ? for update`,
        [name],
      )
      if (row !== undefined && row.holder !== holder && row.live !== 0) return false
      // Two who find no row: the second of them fails here, and is run again.
      const sql =
        row === undefined
          ? `insert into leases (holder, until_ms, name) values (?, ${now} + ?, ?)`
          : `update leases set holder = ?, until_ms = ${now} + ? where name = ?`
      work.run(sql, [holder, forMs, name])
      return true
    },
  }
}
