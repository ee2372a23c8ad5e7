import { resolve } from 'node:path'
import { AppError } from '@parley/errors'
import { env, loadEnv, rendezvousEnv } from '@parley/service-kit'
import type { Env, RendezvousPart } from '@parley/service-kit'
import { z } from 'zod'
import { clusterPorts, isDatagramPortFree, isPortFree } from './ports.ts'
import type { ClusterPorts } from './ports.ts'

/** What the services of one machine are told by the environment. */
export interface ClusterConfig {
  /** Absolute path. */
  readonly folder: string
  /** Where the public doors listen. */
  readonly host: string
  readonly internalHost: string
  readonly ports: ClusterPorts
  /** What presence serves at a public door; there is none for nothing. */
  readonly rendezvous: readonly RendezvousPart[]
  /** Somebody else's nats-server, or `memory:`; undefined for one of our own. */
  readonly natsUrl: string | undefined
  /** The one folder in which to look for nats-server; undefined for PATH and the system's. */
  readonly natsProgramFolder: string | undefined
}

const optionalPort = z.coerce.number().int().min(1).max(65_535).optional()

const schema = z.object({
  DATA_DIR: env.text('data'),
  HOST: env.text('127.0.0.1'),
  INTERNAL_HOST: env.text('127.0.0.1'),
  NATS_URL: z.string().optional(),
  NATS_SERVER_FOLDER: z.string().optional(),
  ...rendezvousEnv,
  PORT_BASE: env.int(20_000, 0, 65_000),
  RELAY_PORT: optionalPort,
  FILES_PORT: optionalPort,
  IMAGES_PORT: optionalPort,
  RENDEZVOUS_PORT: optionalPort,
  RELAY_INTERNAL_PORT: optionalPort,
  FILES_INTERNAL_PORT: optionalPort,
  IMAGES_INTERNAL_PORT: optionalPort,
  PRESENCE_INTERNAL_PORT: optionalPort,
  NATS_PORT: optionalPort,
})

type Variables = z.output<typeof schema>

/** The variable that chooses each port. */
const portVariables = {
  relay: 'RELAY_PORT',
  files: 'FILES_PORT',
  images: 'IMAGES_PORT',
  rendezvous: 'RENDEZVOUS_PORT',
  relayInternal: 'RELAY_INTERNAL_PORT',
  filesInternal: 'FILES_INTERNAL_PORT',
  imagesInternal: 'IMAGES_INTERNAL_PORT',
  presenceInternal: 'PRESENCE_INTERNAL_PORT',
  nats: 'NATS_PORT',
} as const satisfies Record<keyof ClusterPorts, keyof Variables>

const natsPort = 4222

/**
 * Reads the environment; throws one `AppError` (invalid, CONFIG_INVALID) naming every problem.
 * PORT_BASE moves all ports of the services, 0 takes any free ones; single ones can be named.
 */
export async function loadClusterConfig(variables: Env): Promise<ClusterConfig> {
  const read = loadEnv(schema, variables)
  return {
    folder: resolve(read.DATA_DIR),
    host: read.HOST,
    internalHost: read.INTERNAL_HOST,
    rendezvous: read.RENDEZVOUS,
    natsUrl: read.NATS_URL,
    natsProgramFolder: read.NATS_SERVER_FOLDER,
    ports: { ...(await unnamedPorts(read)), ...namedPorts(read) },
  }
}

async function unnamedPorts(read: Variables): Promise<ClusterPorts> {
  const base = read.PORT_BASE
  if (base === 0) return clusterPorts()
  const nats = (await isPortFree('127.0.0.1', natsPort)) ? natsPort : (await clusterPorts()).nats
  const doors = { relay: base, files: base + 1, images: base + 2, rendezvous: base + 5, nats }
  const inner = { relayInternal: base + 10, filesInternal: base + 11, imagesInternal: base + 12 }
  return { ...doors, ...inner, presenceInternal: base + 13 }
}

function namedPorts(read: Variables): Partial<ClusterPorts> {
  const named = Object.entries(portVariables).map(([name, variable]) => [name, read[variable]])
  return Object.fromEntries(named.filter(([, port]) => port !== undefined)) as Partial<ClusterPorts>
}

/**
 * Throws `AppError` (conflict, ADDRESS_IN_USE) in one line that names every taken port and the
 * variable that chooses another.
 */
export async function assertPortsFree(config: ClusterConfig): Promise<void> {
  const taken: string[] = []
  for (const name of Object.keys(portVariables) as (keyof ClusterPorts)[]) {
    if (name === 'nats' && config.natsUrl !== undefined) continue
    const host = hostOf(name, config)
    const port = config.ports[name]
    const isFree = name === 'rendezvous' ? isRendezvousFree(config) : isPortFree(host, port)
    if (!(await isFree)) taken.push(`${host}:${port} (${portVariables[name]})`)
  }
  if (taken.length === 0) return
  const subject = taken.length === 1 ? 'the address' : 'the addresses'
  const verb = taken.length === 1 ? 'is' : 'are'
  const message = `${subject} ${taken.join(', ')} ${verb} taken by another process; choose others with PORT_BASE or the variables named`
  throw new AppError('conflict', 'ADDRESS_IN_USE', message)
}

// Datagrams come in any case, connections only with the seed's protocol.
async function isRendezvousFree({ rendezvous, host, ports }: ClusterConfig): Promise<boolean> {
  if (rendezvous.length === 0) return true
  if (rendezvous.includes('seed') && !(await isPortFree(host, ports.rendezvous))) return false
  return isDatagramPortFree(host, ports.rendezvous)
}

function hostOf(name: keyof ClusterPorts, config: ClusterConfig): string {
  if (name === 'nats') return '127.0.0.1'
  const isPublic = ['relay', 'files', 'images', 'rendezvous'].includes(name)
  return isPublic ? config.host : config.internalHost
}
