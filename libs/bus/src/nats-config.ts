import { AppError } from '@parley/errors'
import type { BusUser } from './subjects.ts'

/** How a nats-server meets the others of its cluster. */
export interface NatsRoutes {
  /** What all servers of the cluster know. */
  readonly secret: string
  /** Where the others meet this one; 0, the default, for any free one. */
  readonly port?: number
  /** `host:port` of others; one that knows the rest is enough. */
  readonly seeds?: readonly string[]
}

/** How a nats-server of ours is set up. */
export interface NatsConfig {
  /** 0 for any free one. */
  readonly port: number
  /** An existing folder of its own. */
  readonly folder: string
  readonly users: readonly BusUser[]
  /** By user name. */
  readonly passwords: Readonly<Record<string, string>>
  /** Alone unless told. */
  readonly routes?: NatsRoutes | undefined
}

/**
 * The text of a nats-server configuration: loopback only, no streams, one account whose users
 * may say and hear what their allow-lists name and nothing else.
 *
 * @NOTE the users stand in an account, not in `authorization`: CVE-2023-47090 of the 2.9 line
 * lets anybody in where both kinds meet.
 */
export function natsConfig(config: NatsConfig): string {
  const users = config.users.map((user) => userBlock(user, config.passwords[user.name] ?? ''))
  return [
    `host: "127.0.0.1"`,
    `port: ${config.port === 0 ? -1 : config.port}`,
    `ports_file_dir: ${quoted(config.folder)}`,
    'max_payload: 1MB',
    // What one reader may lag behind before the server cuts it off.
    'max_pending: 16MB',
    'write_deadline: "5s"',
    'max_connections: 256',
    ...(config.routes ? clusterBlock(config.routes) : []),
    'accounts {',
    '  PARLEY {',
    '    users: [',
    ...users,
    '    ]',
    '  }',
    '}',
    '',
  ].join('\n')
}

function clusterBlock({ secret, port = 0, seeds = [] }: NatsRoutes): string[] {
  const password = quoted(secret)
  const routes = seeds.map((seed) => quoted(`nats-route://route:${secret}@${seed}`))
  return [
    'cluster {',
    '  name: "parley"',
    '  host: "127.0.0.1"',
    `  port: ${port === 0 ? -1 : port}`,
    `  authorization { user: "route", password: ${password}, timeout: 2 }`,
    `  routes: [${routes.join(', ')}]`,
    // Clients are told where the servers are, by `NATS_URL`.
    '  no_advertise: true',
    '}',
  ]
}

function userBlock(user: BusUser, password: string): string {
  const publish = user.publish.map(quoted).join(', ')
  const subscribe = user.subscribe.map(quoted).join(', ')
  const permissions = `publish: { allow: [${publish}] }, subscribe: { allow: [${subscribe}] }`
  const name = `user: ${quoted(user.name)}, password: ${quoted(password)}`
  return `      { ${name}, permissions: { ${permissions} } }`
}

// The syntax knows escapes, but nothing of ours needs one: refuse rather than escape wrongly.
function quoted(text: string): string {
  if (/^[^"\\\n\r]+$/.test(text)) return `"${text}"`
  throw new AppError('invalid', 'NATS_CONFIG_INVALID', 'a name or path has a quote or a line break')
}
