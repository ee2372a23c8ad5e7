import { join, resolve } from 'node:path'
import type { Env } from '@parley/service-kit'
import type { ClusterPorts } from './ports.ts'

/** The services, in the order in which they are started; they are stopped the other way round. */
export const serviceNames = ['presence', 'file-server', 'img-server', 'relay'] as const

/** A service by its name. */
export type ServiceName = (typeof serviceNames)[number]

/** A process of the cluster by its name. */
export type MemberName = ServiceName | 'nats'

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
}

const apps = resolve(import.meta.dirname, '../../../apps')

/** The path of a service's main module. */
export function serviceProgram(name: ServiceName): string {
  return join(apps, name, 'src/main.ts')
}

const portsOf: Readonly<
  Record<ServiceName, { own?: keyof ClusterPorts; internal: keyof ClusterPorts }>
> = {
  presence: { internal: 'presenceInternal' },
  'file-server': { own: 'files', internal: 'filesInternal' },
  'img-server': { own: 'images', internal: 'imagesInternal' },
  relay: { own: 'relay', internal: 'relayInternal' },
}

/** The whole environment of one service of a cluster. */
export function serviceEnvironment(name: ServiceName, settings: ClusterSettings): Env {
  const { ports, folder, env } = settings
  const { own, internal } = portsOf[name]
  const password = settings.natsPasswords[name]
  return {
    ...peers(ports, env),
    ...env,
    ...(own ? { PORT: String(ports[own]) } : { PORT: undefined }),
    INTERNAL_PORT: String(ports[internal]),
    DATA_DIR: join(folder, name),
    NATS_URL: settings.natsUrl,
    ...(password === undefined ? {} : { NATS_USER: name, NATS_PASSWORD: password }),
  }
}

// Only defaults: on a machine with several addresses the operator names the ones to be used.
function peers(ports: ClusterPorts, env: Env): Env {
  const host = env['INTERNAL_HOST'] ?? '127.0.0.1'
  return {
    RELAY_INTERNAL: `${host}:${ports.relayInternal}`,
    FILES_INTERNAL: `${host}:${ports.filesInternal}`,
    IMAGES_INTERNAL: `${host}:${ports.imagesInternal}`,
    PRESENCE_INTERNAL: `${host}:${ports.presenceInternal}`,
    FILES_PUBLIC: `http://127.0.0.1:${ports.files}`,
    IMAGES_PUBLIC: `http://127.0.0.1:${ports.images}`,
  }
}
