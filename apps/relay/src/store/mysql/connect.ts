import type { ConnectionOptions } from 'mysql2/promise'

/** How long a connection may take to be made. */
const connectMs = 5_000

/** Where a database is. */
export interface MysqlAddress {
  /** The name in the path; `myim` when there is none. */
  readonly database: string
  /** Without the database, which may not exist yet. */
  readonly server: ConnectionOptions
}

/**
 * Reads `mysql://user:password@host:port/database`. Further options come as a query:
 * `ssl=on` for TLS, the server's name and certificate verified, `socket=/path` for a local socket.
 * Throws `TypeError` for anything else: what looks like TLS must not be none.
 */
export function mysqlAddress(url: string): MysqlAddress {
  const parsed = new URL(url)
  if (!/^(mysql|mariadb):$/.test(parsed.protocol)) throw new TypeError('not a mysql:// address')
  const database = decodeURIComponent(parsed.pathname.slice(1)) || 'myim'
  if (!/^[A-Za-z0-9_$-]{1,64}$/.test(database)) {
    throw new TypeError('a database name is of letters, digits, _, $ and -')
  }
  const hasTls = tlsOf(parsed.searchParams)
  const socketPath = parsed.searchParams.get('socket')
  const place =
    socketPath === null
      ? { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(parsed.port || '3306') }
      : { socketPath }
  return {
    database,
    server: {
      ...place,
      user: decodeURIComponent(parsed.username),
      password: decodeURIComponent(parsed.password),
      charset: 'UTF8MB4_BIN',
      connectTimeout: connectMs,
      ...(hasTls ? { ssl: { verifyIdentity: true } } : {}),
    },
  }
}

function tlsOf(options: URLSearchParams): boolean {
  for (const name of options.keys()) {
    if (name !== 'ssl' && name !== 'socket') throw new TypeError(`no option of MYSQL_URL: ${name}`)
  }
  const ssl = options.get('ssl') ?? 'off'
  if (ssl !== 'on' && ssl !== 'off') throw new TypeError('ssl of MYSQL_URL is on or off')
  return ssl === 'on'
}
