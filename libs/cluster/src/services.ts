import { join, resolve } from 'node:path'
import { loadEnv, rendezvousEnv } from '@parley/service-kit'
import type { Env } from '@parley/service-kit'
import { z } from 'zod'
import type { ClusterPorts } from './ports.ts'

/** The services, in the order in which they are started; they are stopped the other way round. */
export const serviceNames = ['presence', 'file-server', 'img-server', 'relay'] as const

/** A service by its name. */
export type ServiceName = (typeof serviceNames)[number]

/** A process of the cluster by its name; of several of one service the first has the plain name. */
export type MemberName =
  ServiceName | 'nats' | `relay-${number}` | `presence-${number}` | `nats-${number}`

/** What the environment of a cluster's services is made from. */
export interface ClusterSettings {
  /** Absolute path: each service has a folder in it. */
  readonly folder: string
  readonly ports: ClusterPorts
  readonly natsUrl: string
  /** By user name. */
  readonly natsPasswords: Readonly<Record<string, string>>
  /** What the services are given besides; the cluster's own variables win. */
  readonly env: Env
  /** Where further presence processes listen. */
  readonly morePresencePorts?: readonly number[]
}

/** One process of a service. */
export interface ServiceMember {
  readonly member: MemberName
  readonly service: ServiceName
  /** Of its public door, where it has one. */
  readonly port: number | undefined
  readonly internalPort: number
}

const apps = resolve(import.meta.dirname, '../../../apps')

/** The path of a service's main module. */
export function serviceProgram(name: ServiceName): string {
  return join(apps, name, 'src/main.ts')
}

const portsOf: Readonly<
  Record<ServiceName, { own?: keyof ClusterPorts; internal: keyof ClusterPorts }>
> = {
  presence: { own: 'rendezvous', internal: 'presenceInternal' },
  'file-server': { own: 'files', internal: 'filesInternal' },
  'img-server': { own: 'images', internal: 'imagesInternal' },
  relay: { own: 'relay', internal: 'relayInternal' },
}

/** The first process of a service. */
export function firstMember(service: ServiceName, ports: ClusterPorts): ServiceMember {
  const { own, internal } = portsOf[service]
  const port = own === undefined ? undefined : ports[own]
  return { member: service, service, port, internalPort: ports[internal] }
}

/** The whole environment of the first process of a service of a cluster. */
export function serviceEnvironment(name: ServiceName, settings: ClusterSettings): Env {
  return memberEnvironment(firstMember(name, settings.ports), settings)
}

/** The whole environment of one process of a cluster. */
export function memberEnvironment(one: ServiceMember, settings: ClusterSettings): Env {
  const { folder, env } = settings
  const { member, service, port, internalPort } = one
  const password = settings.natsPasswords[service]
  return {
    ...peers(settings),
    ...env,
    PORT: port === undefined ? undefined : String(port),
    INTERNAL_PORT: String(internalPort),
    DATA_DIR: join(folder, member),
    NATS_URL: settings.natsUrl,
    ...(password === undefined ? {} : { NATS_USER: service, NATS_PASSWORD: password }),
  }
}

// Only defaults: on a machine with several addresses the operator names the ones to be used.
function peers({ ports, env, morePresencePorts = [] }: ClusterSettings): Env {
  const host = env['INTERNAL_HOST'] ?? '127.0.0.1'
  const presence = [ports.presenceInternal, ...morePresencePorts]
  return {
    RELAY_INTERNAL: `${host}:${ports.relayInternal}`,
    FILES_INTERNAL: `${host}:${ports.filesInternal}`,
    IMAGES_INTERNAL: `${host}:${ports.imagesInternal}`,
    PRESENCE_INTERNAL: presence.map((port) => `${host}:${port}`).join(','),
    FILES_PUBLIC: `http://127.0.0.1:${ports.files}`,
    IMAGES_PUBLIC: `http://127.0.0.1:${ports.images}`,
    ...(tellsWhere(env) ? { RENDEZVOUS_PUBLIC: `127.0.0.1:${ports.rendezvous}` } : {}),
  }
}

function tellsWhere(variables: Env): boolean {
  return loadEnv(z.object(rendezvousEnv), variables).RENDEZVOUS.includes('where')
}
