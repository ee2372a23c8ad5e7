import {
  env,
  loadEnv,
  peerEnv,
  rendezvousEnv,
  serviceConfig,
  serviceEnv,
} from '@parley/service-kit'
import type { Env, RendezvousPart, ServiceConfig } from '@parley/service-kit'
import { z } from 'zod'

/** What presence is told by its environment. */
export interface PresenceConfig extends ServiceConfig {
  /** Users held at once; devices of further ones are not taken in. */
  readonly maxUsers: number
  /** Devices of one user held at once. */
  readonly maxDevicesPerUser: number
  /** Relays that may report at once. */
  readonly maxRelays: number
  /** What is served at the public port; there is none for nothing. */
  readonly rendezvous: readonly RendezvousPart[]
  /** Who knows whose a name is. */
  readonly relayInternal: string
}

const schema = z.object({
  ...serviceEnv({ service: 'presence', port: 20_005, internalPort: 20_013 }),
  MAX_USERS: env.int(1_000_000, 1, 10_000_000),
  MAX_DEVICES_PER_USER: env.int(32, 1, 1_000),
  MAX_RELAYS: env.int(64, 1, 1_000),
  ...rendezvousEnv,
  RELAY_INTERNAL: peerEnv.RELAY_INTERNAL,
})

/** The configuration in an environment; throws one `AppError` that names every bad variable. */
export function loadConfig(variables: Env): PresenceConfig {
  const read = loadEnv(schema, variables)
  return {
    ...serviceConfig(read),
    maxUsers: read.MAX_USERS,
    maxDevicesPerUser: read.MAX_DEVICES_PER_USER,
    maxRelays: read.MAX_RELAYS,
    rendezvous: read.RENDEZVOUS,
    relayInternal: read.RELAY_INTERNAL,
  }
}
