import { env, loadEnv, peerEnv, serviceConfig, serviceEnv } from '@parley/service-kit'
import type { Env, ServiceConfig } from '@parley/service-kit'
import { z } from 'zod'
import type { TlsFiles } from './door/tls/material.ts'

/** Who may register. */
type Registration = 'open' | 'invitation' | 'closed'

/** What can be spoken at the public port. */
const dialectNames = ['grpc', 'websocket', 'text', 'java'] as const

/** One of them. */
export type DialectName = (typeof dialectNames)[number]

/** What a relay is told by its environment. */
export interface RelayConfig extends ServiceConfig {
  /** Every file server of a bucket, and every image server. */
  readonly filesInternal: readonly string[]
  readonly imagesInternal: readonly string[]
  /** Every presence process; the relay reports to all of them and follows one. */
  readonly presenceInternal: readonly string[]
  readonly filesPublic: string
  readonly imagesPublic: string
  /** Where clients ask by datagram at which address others see them; empty for nowhere. */
  readonly rendezvousPublic: string
  readonly operatorKey: string | undefined
  /** The database that several relays share; undefined for one of this relay's own, in its data folder. */
  readonly mysqlUrl: string | undefined
  readonly registration: Registration
  /** Multiplies how often an address may register, log in and refresh. */
  readonly rateFactor: number
  readonly heartbeatMs: number
  /** How long devices have to go elsewhere when the relay stops. */
  readonly drainMs: number
  /** Messages a user may send, for ever and at once. */
  readonly sendsPerSecond: number
  readonly sendBurst: number
  /** Open connections of the public port, in all and of one address. */
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** The files of the public port's TLS; undefined for none. */
  readonly tls: TlsFiles | undefined
  /** What is spoken at the public port. */
  readonly dialects: readonly DialectName[]
  /** Origins of pages that may open WebSockets and call methods, beside the relay's own host. */
  readonly webOrigins: readonly string[]
  /** Clients older than what operators have published as needed may not connect. */
  readonly refusesOldClients: boolean
}

/** `https://chat.example,http://localhost:5173`: scheme, host and port as a browser says them. */
const origins = z
  .string()
  .default('')
  .transform((text) => text.split(',').filter(Boolean))
  .pipe(z.array(z.string().refine((one) => URL.canParse(one) && new URL(one).origin === one)))

const variables = z.object({
  ...serviceEnv({ service: 'relay', port: 20000, internalPort: 20010 }),
  ...peerEnv,
  OPERATOR_KEY: env.sharedKey(),
  MYSQL_URL: z.string().startsWith('mysql://').optional(),
  REGISTRATION: z.enum(['open', 'invitation', 'closed']).default('open'),
  RATE_FACTOR: z.coerce.number().int().min(1).max(1_000_000).default(1),
  HEARTBEAT_MS: z.coerce.number().int().min(1_000).max(600_000).default(60_000),
  DRAIN_MS: z.coerce.number().int().min(0).max(30_000).optional(),
  SENDS_PER_SECOND: z.coerce.number().int().min(1).max(1_000_000).default(500),
  SEND_BURST: z.coerce.number().int().min(1).max(1_000_000).default(1_000),
  MAX_CONNECTIONS: z.coerce.number().int().min(1).max(1_000_000).default(19_000),
  MAX_CONNECTIONS_PER_ADDRESS: z.coerce.number().int().min(1).max(1_000_000).default(2_000),
  TLS_CERT: z.string().optional(),
  TLS_KEY: z.string().optional(),
  TLS_CLIENT_CA: z.string().optional(),
  DIALECTS: env.words(dialectNames, ['grpc', 'websocket']),
  RENDEZVOUS_PUBLIC: z.union([z.literal(''), env.address('')]).default(''),
  WEB_ORIGINS: origins,
  REFUSE_OLD_CLIENTS: env.flag(false),
})

const schema = variables
  .refine(({ TLS_CERT, TLS_KEY }) => (TLS_CERT === undefined) === (TLS_KEY === undefined), {
    path: ['TLS_CERT, TLS_KEY'],
    message: 'are set both or not at all',
  })
  .refine(({ TLS_CERT, TLS_CLIENT_CA }) => TLS_CLIENT_CA === undefined || TLS_CERT !== undefined, {
    path: ['TLS_CLIENT_CA'],
    message: 'needs TLS_CERT and TLS_KEY',
  })

const drainMs = 10_000
/** With a database of its own a relay is the only one: there is no elsewhere. */
const drainAloneMs = 1_000

/** Reads the relay's environment; throws one `AppError` that names every problem. */
export function loadConfig(environment: Env): RelayConfig {
  const read = loadEnv(schema, environment)
  return {
    ...serviceConfig(read),
    filesInternal: read.FILES_INTERNAL,
    imagesInternal: read.IMAGES_INTERNAL,
    presenceInternal: read.PRESENCE_INTERNAL,
    filesPublic: read.FILES_PUBLIC,
    imagesPublic: read.IMAGES_PUBLIC,
    rendezvousPublic: read.RENDEZVOUS_PUBLIC,
    operatorKey: read.OPERATOR_KEY,
    mysqlUrl: read.MYSQL_URL,
    registration: read.REGISTRATION,
    rateFactor: read.RATE_FACTOR,
    heartbeatMs: read.HEARTBEAT_MS,
    drainMs: read.DRAIN_MS ?? (read.MYSQL_URL === undefined ? drainAloneMs : drainMs),
    sendsPerSecond: read.SENDS_PER_SECOND,
    sendBurst: read.SEND_BURST,
    maxConnections: read.MAX_CONNECTIONS,
    maxConnectionsPerAddress: read.MAX_CONNECTIONS_PER_ADDRESS,
    tls: tlsFiles(read),
    dialects: read.DIALECTS,
    webOrigins: read.WEB_ORIGINS,
    refusesOldClients: read.REFUSE_OLD_CLIENTS,
  }
}

function tlsFiles(read: z.output<typeof schema>): TlsFiles | undefined {
  const { TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: clientCa } = read
  return cert === undefined || key === undefined ? undefined : { cert, key, clientCa }
}
