import { join } from 'node:path'
import { z } from 'zod'
import { env } from './load-env.ts'
import type { LogLevel } from './logger.ts'

/** What distinguishes one service's defaults from another's. */
export interface ServiceDefaults {
  readonly service: string
  readonly port: number
  readonly internalPort: number
}

/** What every service is told by its environment. */
export interface ServiceConfig {
  readonly host: string
  readonly port: number
  readonly internalHost: string
  readonly internalPort: number
  readonly dataDir: string
  readonly natsUrl: string
  readonly natsUser: string | undefined
  readonly natsPassword: string | undefined
  readonly logLevel: LogLevel
  readonly allowPlaintext: boolean
  /** Undefined: take `sharedKeyFile(dataDir, 'internal')`, on loopback only. */
  readonly internalKey: string | undefined
}

/** The most processes of one service that a relay speaks to. */
const maxProcesses = 8

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The variables that every service reads, to be spread into its own schema. */
export function serviceEnv(defaults: ServiceDefaults) {
  return {
    HOST: env.text('127.0.0.1'),
    PORT: env.port(defaults.port),
    INTERNAL_HOST: env.text('127.0.0.1'),
    INTERNAL_PORT: env.port(defaults.internalPort),
    DATA_DIR: env.text(join('data', defaults.service)),
    NATS_URL: z
      .string()
      .regex(
        // The address is logged, so a password has no place in it.
        /^(memory:|(nats|tls):\/\/[^\s@]+)$/,
        'must be nats://host:port, tls://host:port or memory:; a password goes into NATS_PASSWORD',
      )
      .default('nats://127.0.0.1:4222'),
    NATS_USER: z.string().optional(),
    NATS_PASSWORD: z.string().optional(),
    LOG_LEVEL: z.enum(levels).default('info'),
    ALLOW_PLAINTEXT: env.flag(false),
    INTERNAL_KEY: env.sharedKey(),
  }
}

/** The variables that say where the other services are, to be spread where they are needed. */
export const peerEnv = {
  RELAY_INTERNAL: env.address('127.0.0.1:20010'),
  FILES_INTERNAL: env.addresses('127.0.0.1:20011', maxProcesses),
  IMAGES_INTERNAL: env.addresses('127.0.0.1:20012', maxProcesses),
  PRESENCE_INTERNAL: env.addresses('127.0.0.1:20013', maxProcesses),
  FILES_PUBLIC: env.httpRoot('http://127.0.0.1:20001'),
  IMAGES_PUBLIC: env.httpRoot('http://127.0.0.1:20002'),
} as const

const rendezvousParts = ['where', 'seed'] as const

/**
 * What presence can serve at a public port of its own: `where`, by which clients learn at which address
 * others see them, and `seed`, the seed's hybrid P2P protocol.
 */
export type RendezvousPart = (typeof rendezvousParts)[number]

/** The variable that says which of them, to be spread where it is needed. */
export const rendezvousEnv = { RENDEZVOUS: env.parts(rendezvousParts) } as const

/** What `serviceEnv` read, under the names the code uses. */
export type ServiceVariables = z.output<z.ZodObject<ReturnType<typeof serviceEnv>>>

/** The typed object of what `serviceEnv` read. */
export function serviceConfig(variables: ServiceVariables): ServiceConfig {
  return {
    host: variables.HOST,
    port: variables.PORT,
    internalHost: variables.INTERNAL_HOST,
    internalPort: variables.INTERNAL_PORT,
    dataDir: variables.DATA_DIR,
    natsUrl: variables.NATS_URL,
    natsUser: variables.NATS_USER,
    natsPassword: variables.NATS_PASSWORD,
    logLevel: variables.LOG_LEVEL,
    allowPlaintext: variables.ALLOW_PLAINTEXT,
    internalKey: variables.INTERNAL_KEY,
  }
}
