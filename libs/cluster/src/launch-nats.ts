import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startNatsServer } from '@parley/bus'
import type { NatsServer, NatsServerRequest } from '@parley/bus'
import type { Ending, Launch } from './running.ts'
import type { MemberName } from './services.ts'

/** One server of the bus: started again and again on one port with one set of passwords. */
interface NatsMember {
  readonly member: MemberName
  readonly launch: Launch
}

/** The servers of a cluster's bus. */
export interface NatsMembers {
  readonly all: readonly NatsMember[]
  /** As `NATS_URL` takes them. */
  readonly url: string
  /** By user name; known after the first start. */
  passwords(): Readonly<Record<string, string>>
}

/** What the servers of a bus are made of. */
export interface NatsPlaces {
  /** Each has a folder beside the others. */
  readonly folder: string
  /** Of the clients of each server. */
  readonly ports: readonly number[]
  /** Where several servers meet. */
  readonly routePorts: readonly number[]
  readonly programFolders?: readonly string[] | undefined
}

/** nats-servers with the services' users; `launch` throws (precondition, NATS_SERVER_MISSING) where there is none. */
export function natsMembers(places: NatsPlaces): NatsMembers {
  const { folder, ports, programFolders } = places
  const secret = randomBytes(24).toString('base64url')
  let passwords: Readonly<Record<string, string>> | undefined
  const all = ports.map((port, i): NatsMember => {
    const member = i === 0 ? 'nats' : (`nats-${i + 1}` as const)
    const launch = async () => {
      const server = await startNatsServer({
        folder: join(folder, member),
        port,
        ...routesOf(places, i, secret),
        ...(passwords ? { passwords } : {}),
        ...(programFolders ? { programFolders } : {}),
      })
      passwords = server.passwords
      return running(server)
    }
    return { member, launch }
  })
  const url = ports.map((port) => `nats://127.0.0.1:${port}`).join(',')
  return { all, url, passwords: () => passwords ?? {} }
}

function routesOf(
  { ports, routePorts }: NatsPlaces,
  own: number,
  secret: string,
): Pick<NatsServerRequest, 'routes'> {
  if (ports.length === 1) return {}
  const seeds = routePorts.filter((_, i) => i !== own).map((port) => `127.0.0.1:${port}`)
  return { routes: { secret, port: routePorts[own] ?? 0, seeds } }
}

function running(server: NatsServer) {
  let alive = true
  // Of a nats-server only the fact that it ended is known.
  const ended: Promise<Ending> = server.ended.then(() => {
    alive = false
    return { code: null, signal: null }
  })
  return {
    pid: server.pid,
    addresses: { nats: `127.0.0.1:${server.port}` },
    ended,
    signal(name: NodeJS.Signals) {
      if (alive) process.kill(server.pid, name)
    },
  }
}
