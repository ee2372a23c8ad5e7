/**
 * What a failure means for the transaction:
 * `again`: others were in the way, or the connection was lost before the commit was sent; nothing is
 * stored, the batch may be run again. `unable`: nothing is stored, and running it again at once would
 * not help. `unknown`: the commit was sent and not answered. `statement`: the database says no to the
 * statement itself, a bug.
 */
export type MysqlErrorKind = 'again' | 'unable' | 'unknown' | 'statement'

/** What MariaDB, or the way to it, reports. */
export class MysqlError extends Error {
  readonly kind: MysqlErrorKind
  /** The server's or the driver's name of it. */
  readonly code: string
  readonly errno: number

  constructor(kind: MysqlErrorKind, code: string, errno: number, message: string) {
    super(message)
    this.kind = kind
    this.code = code
    this.errno = errno
  }
}

/** A row with this unique key is there already. */
export const duplicateKey = 1062

// Duplicate key, lock wait timeout, deadlock; then what TiDB says of write conflicts.
const inTheWay = new Set([duplicateKey, 1205, 1213, 8002, 8022, 9007])

// Disk or table full, out of memory, read-only, too many connections or locks, shutting down, killed.
const unable = new Set([
  3, 1021, 1026, 1030, 1037, 1038, 1040, 1041, 1053, 1114, 1206, 1290, 1317, 1792, 1836, 1927, 1969,
  3024, 3100,
])

// Of a server, or of a transaction on it, that another has taken the place of.
const readOnly = new Set([1290, 1792, 1836])

/** True when the server does not take writes any more: another one may, behind the same name. */
export function isReadOnly(errno: number): boolean {
  return readOnly.has(errno)
}

/** What the server's number means. */
export function kindOf(errno: number): MysqlErrorKind {
  if (inTheWay.has(errno)) return 'again'
  return unable.has(errno) ? 'unable' : 'statement'
}
