import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startCluster } from '@parley/cluster'
import type { Cluster, ClusterEvent, ClusterRequest, MemberName } from '@parley/cluster'
import type { Env } from '@parley/service-kit'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { onTestFinished } from 'vitest'
import { startBalancer } from '../torture/proxy/index.ts'
import type { Balancer } from '../torture/proxy/index.ts'
import { autopsy } from './autopsy.ts'
import { compileCache } from './compile-cache.ts'
import { ParleyCommand } from './parley-command.ts'
import { Person } from './person.ts'

/** A whole system of its own, with people in it. */
export interface World {
  readonly cluster: Cluster
  /** A temporary folder, gone with the world. */
  readonly folder: string
  /** `host:port` for clients: the relay's public door, of several relays a balancer before them. */
  readonly relay: string
  /** `host:port` of the public door of each relay. */
  readonly relays: ReadonlyMap<MemberName, string>
  /** Before several relays. */
  readonly balancer: Balancer | undefined
  /** Where messages are kept, unless that is SQLite. */
  readonly mariadb: Mariadb | undefined
  /** What the cluster told so far. */
  readonly events: readonly ClusterEvent[]
  /** Members that ended although the scenario had not killed them. */
  deaths(): readonly MemberName[]
  /** Ends a member at once, as a crash would. */
  kill(member: MemberName): Promise<void>
  /** Asks a member to stop, as an operator would, and starts it again when it has. */
  restart(member: MemberName): Promise<void>
  /** Somebody new, registered under this name. */
  person(name: string): Promise<Person>
  /** The `parley` command with a home of its own. */
  parley(homeName: string): ParleyCommand
  stop(): Promise<void>
}

/** What a world is made of; all four services, one process each, and no restarts unless told. */
export type WorldOptions = WorldCluster & {
  /** Where messages are kept: SQLite unless told; several relays need MariaDB. */
  readonly store?: 'sqlite' | 'mariadb'
  /** What every service is given besides. */
  readonly env?: Env
}

const common = { LOG_LEVEL: 'info', NODE_COMPILE_CACHE: compileCache }

type WorldCluster = Partial<
  Pick<
    ClusterRequest,
    'services' | 'envOf' | 'restart' | 'nats' | 'natsNodes' | 'relays' | 'presences'
  >
>

/** Starts a world that ends with the current test. */
export async function testWorld(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options)
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') {
      process.stderr.write(`${await autopsy(world.cluster, world.events)}\n`)
    }
    await world.stop()
  })
  return world
}

/** Starts the real cluster on free ports in a temporary folder. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-world-'))
  const events: ClusterEvent[] = []
  const killed: MemberName[] = []
  const { store, env, ...request } = options
  const mariadb = store === 'mariadb' ? await startMariadb() : undefined
  const front = (request.relays ?? 1) > 1 ? await openFront() : undefined
  const cluster = await startCluster({
    folder: path.join(folder, 'data'),
    env: { ...process.env, ...common, ...environmentOf(mariadb, front), ...env },
    restart: 'manual',
    tell: (event) => void events.push(event),
    ...request,
  }).catch(async (error: unknown) => {
    await Promise.all([front?.close(), mariadb?.close()])
    throw error
  })
  front?.lead(cluster)
  const relay = front?.balancer.address ?? `127.0.0.1:${cluster.ports.relay}`
  const people: Person[] = []
  return {
    cluster,
    folder,
    relay,
    relays: new Map(cluster.membersOf('relay').map((one) => [one.member, doorOf(one.port)])),
    balancer: front?.balancer,
    mariadb,
    events,
    deaths: () => unasked(events, killed),
    kill(member) {
      killed.push(member)
      return cluster.kill(member)
    },
    async restart(member) {
      killed.push(member)
      await cluster.kill(member, 'SIGTERM')
      await cluster.start(member)
    },
    async person(name) {
      const person = await Person.register(relay, name)
      people.push(person)
      return person
    },
    parley: (homeName) => new ParleyCommand(path.join(folder, 'homes', homeName), relay),
    async stop() {
      await Promise.all(people.map((person) => person.close()))
      await cluster.stop()
      await front?.close()
      await mariadb?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Front {
  readonly balancer: Balancer
  /** Before the relays' internal doors, for the other services. */
  readonly internal: Balancer
  lead(cluster: Cluster): void
  close(): Promise<void>
}

/** Addresses that several relays share; they lead nowhere until they are told where. */
async function openFront(): Promise<Front> {
  const [balancer, internal] = [await startBalancer([]), await startBalancer([])]
  return {
    balancer,
    internal,
    lead(cluster) {
      const relays = cluster.membersOf('relay')
      balancer.setBackends(relays.map(({ port }) => doorOf(port)))
      internal.setBackends(relays.map(({ internalPort }) => doorOf(internalPort)))
    },
    async close() {
      await Promise.all([balancer.close(), internal.close()])
    },
  }
}

function environmentOf(mariadb: Mariadb | undefined, front: Front | undefined): Env {
  return {
    ...(mariadb ? { MYSQL_URL: mariadb.url() } : {}),
    ...(front ? { RELAY_INTERNAL: front.internal.address } : {}),
  }
}

function doorOf(port: number | undefined): string {
  return `127.0.0.1:${port}`
}

function unasked(events: readonly ClusterEvent[], killed: readonly MemberName[]): MemberName[] {
  const left = [...killed]
  const ended = events.filter((event) => event.type === 'ended').map((event) => event.member)
  return ended.filter((member) => {
    const at = left.indexOf(member)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
