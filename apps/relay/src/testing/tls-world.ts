import { credentials } from '@grpc/grpc-js'
import { testAuthority } from '@parley/testkit'
import type { Authority } from '@parley/testkit'
import type { TlsEvents } from '../door/tls/entrance.ts'
import { bareTlsSocket } from './bare-socket.ts'
import type { BareSocket } from './bare-socket.ts'
import { doorWorld } from './door-world.ts'
import type { DoorWorld, DoorWorldOptions } from './door-world.ts'
import { echoDialect } from './echo-dialect.ts'

/** A door world whose door speaks TLS, and the echo dialect. */
export interface TlsWorld extends DoorWorld {
  readonly authority: Authority
  /** What gRPC clients trust. */
  readonly trusting: ReturnType<typeof credentials.createSsl>
  readonly counts: { failed: number; renewed: number; refusals: unknown[] }
  /** A socket inside TLS that trusts this world's authority. */
  readonly secureSocket: () => BareSocket
}

/** What a TLS world may be given beside. */
export interface TlsWorldOptions extends DoorWorldOptions {
  /** Clients must show certificates of this authority. */
  readonly clientAuthority?: Authority
}

/** Counts what a TLS entrance tells. */
export function countingEvents() {
  const counts = { failed: 0, renewed: 0, refusals: [] as unknown[] }
  const events: TlsEvents = {
    tlsFailed: () => void (counts.failed += 1),
    tlsRenewed: () => void (counts.renewed += 1),
    tlsNotRenewed: (error) => void counts.refusals.push(error),
  }
  return { counts, events }
}

/** Opens a TLS world that is closed when the test ends. */
export async function tlsWorld(options: TlsWorldOptions = {}): Promise<TlsWorld> {
  const authority = await testAuthority()
  const { counts, events } = countingEvents()
  const pair = await authority.sign('relay')
  const world = await doorWorld({
    dialects: () => [echoDialect()],
    tls: { files: { ...pair, clientCa: options.clientAuthority?.cert }, events },
    ...options,
  })
  return {
    ...world,
    authority,
    trusting: credentials.createSsl(authority.pem),
    counts,
    secureSocket: () => bareTlsSocket(world.door.address, { ca: authority.pem }),
  }
}
