import { isIP, isIPv4 } from 'node:net'
import { join } from 'node:path'
import { UsageError } from './exit-code.ts'

/** Environment variables as a process gets them. */
export type Env = Readonly<Record<string, string | undefined>>

/** What the command takes from its environment. */
export interface CliConfig {
  /** The folder of the client's own state. */
  readonly home: string
  /** `host:port` or `tls://host:port` of one relay or of several, tried in turn. */
  readonly servers: readonly string[]
  /** Tokens may cross a network without TLS. */
  readonly allowPlaintext: boolean
  readonly password: string | undefined
  readonly newPassword: string | undefined
  /** Which packages this program is one of. */
  readonly channel: string
  /** Keys by which packages are genuine, instead of those that are installed. */
  readonly upgradeKeys: string | undefined
  /** Pictures are drawn in the terminal where it can. */
  readonly images: boolean
  /** The terminal is one of several behind tmux or screen. */
  readonly isMultiplexed: boolean
  /** In chats, paths to the other without the server are wanted. */
  readonly isDirect: boolean
  /** The one address of this machine at which others may call; empty for all. */
  readonly directHost: string
  readonly lan: LanConfig
}

// Where LAN mode takes place.
interface LanConfig {
  /** Own IPv4 addresses, one for each network; all but loopback when empty. */
  readonly addresses: readonly string[]
  /** UDP, of the announcements. */
  readonly port: number
}

/** What the operators' command takes from its environment. */
export interface AdminConfig {
  /** `host:port` of the relay's internal server. */
  readonly relay: string
  readonly key: string | undefined
  /** A package may go to the file server without TLS. */
  readonly allowPlaintext: boolean
  readonly dataDir: string
  readonly newPassword: string | undefined
  /** Where `migrate-store` moves to. */
  readonly mysqlUrl: string | undefined
}

const defaultLanPort = 20_006
const addressShape = /^(?:tls:\/\/)?(?:\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i

/** The environment this process was given. */
export function currentEnv(): Env {
  return process.env
}

/** Reads the settings of `parley`; throws `UsageError` for an address that is none. */
export async function cliConfig(env: Env): Promise<CliConfig> {
  const servers = (env['PARLEY_SERVER'] || '127.0.0.1:20000').split(',').map((part) => part.trim())
  for (const server of servers) checkAddress('PARLEY_SERVER', server)
  return {
    home: env['PARLEY_HOME'] || (await defaultHome()),
    servers,
    allowPlaintext: env['ALLOW_PLAINTEXT'] === '1',
    password: env['PARLEY_PASSWORD'],
    newPassword: env['PARLEY_NEW_PASSWORD'],
    channel: env['PARLEY_CHANNEL'] || 'stable',
    upgradeKeys: env['PARLEY_UPGRADE_KEYS'] || undefined,
    images: env['PARLEY_NO_IMAGE'] !== '1',
    isMultiplexed: isMultiplexed(env),
    isDirect: env['PARLEY_DIRECT'] === '1',
    directHost: directHost(env),
    lan: lanConfig(env),
  }
}

function lanConfig(env: Env): LanConfig {
  const asked = env['PARLEY_LAN_ADDRESSES'] ?? ''
  const addresses = asked.split(',').flatMap((part) => part.trim() || [])
  const wrong = addresses.find((address) => !isIPv4(address))
  if (wrong !== undefined)
    throw new UsageError(`PARLEY_LAN_ADDRESSES: "${wrong}" is no IPv4 address`)
  const port = Number(env['PARLEY_LAN_PORT'] || defaultLanPort)
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return { addresses, port }
  throw new UsageError(`PARLEY_LAN_PORT: "${env['PARLEY_LAN_PORT']}" is no port`)
}

function directHost(env: Env): string {
  const host = env['PARLEY_DIRECT_HOST'] ?? ''
  if (host === '' || isIP(host) !== 0) return host
  throw new UsageError(`PARLEY_DIRECT_HOST: "${host}" is no address`)
}

function isMultiplexed({ TMUX, STY, TERM = '' }: Env): boolean {
  return Boolean(TMUX || STY) || /^(?:tmux|screen)/u.test(TERM)
}

/** Reads the settings of `parley-admin`; throws `UsageError` for an address that is none. */
export function adminConfig(env: Env): AdminConfig {
  const relay = env['RELAY_INTERNAL'] || '127.0.0.1:20010'
  checkAddress('RELAY_INTERNAL', relay)
  return {
    relay,
    key: env['OPERATOR_KEY'] || undefined,
    allowPlaintext: env['ALLOW_PLAINTEXT'] === '1',
    dataDir: env['DATA_DIR'] || join('data', 'relay'),
    newPassword: env['PARLEY_NEW_PASSWORD'],
    mysqlUrl: env['MYSQL_URL'] || undefined,
  }
}

function checkAddress(variable: string, address: string): void {
  const port = Number(address.slice(address.lastIndexOf(':') + 1))
  if (addressShape.test(address) && port <= 65_535) return
  throw new UsageError(`${variable}: "${address}" is not host:port or tls://host:port`)
}

async function defaultHome(): Promise<string> {
  const { default: envPaths } = await import('env-paths')
  return envPaths('parley', { suffix: '' }).config
}
