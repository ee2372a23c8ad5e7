import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { clusterPorts, startCluster } from '@parley/cluster'
import type { Cluster, ClusterEvent, ClusterPorts, MemberName } from '@parley/cluster'
import type { Env } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { compileCache } from '../harness/compile-cache.ts'
import { heldBytesEnv, heldBytesOf } from '../harness/held/held-bytes.ts'
import { residentBytes } from '../harness/processes.ts'
import { WallClock } from './nemesis/wall-clock.ts'
import { startBalancer } from './proxy/index.ts'
import type { Balancer } from './proxy/index.ts'
import { Ways } from './ways.ts'

/** Where messages are kept. */
export type Store = 'sqlite' | 'mariadb'

/** A whole system that is about to suffer. */
export interface TortureWorld {
  readonly store: Store
  readonly cluster: Cluster
  readonly relays: readonly MemberName[]
  readonly mariadb: Mariadb | undefined
  readonly ways: Ways
  /** Of the relays. */
  readonly clocks: ReadonlyMap<string, WallClock>
  /** `host:port` of the way to each relay. */
  readonly doors: readonly string[]
  /** One address for all relays. */
  readonly balancer: Balancer
  /** Members that ended although nobody had killed them. */
  readonly deaths: string[]
  /** All processes. */
  readonly parts: readonly string[]
  /** The process of a part, unless it is down. */
  readonly pid: (part: string) => number | undefined
  /** What a part takes up: a relay what it holds, any other what is resident. */
  readonly memoryOf: (part: string, pid: number) => Promise<Memory>
  /** Ends a part at once, as a crash would. */
  kill(part: string): Promise<void>
  start(part: string): Promise<void>
  stop(): Promise<void>
}

interface Memory {
  readonly what: 'memory' | 'held'
  readonly value: number
}

/** What a world is made of. */
export interface WorldRequest {
  readonly store: Store
  readonly relays: number
  readonly presences: number
}

const torturedEnv = {
  LOG_LEVEL: 'warn',
  RATE_FACTOR: '1000',
  HEARTBEAT_MS: '5000',
  SENDS_PER_SECOND: '5000',
  SEND_BURST: '10000',
}

/** Starts the real cluster on free ports in a temporary folder, with ways between its parts. */
export async function startTortureWorld(request: WorldRequest): Promise<TortureWorld> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-torture-'))
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  }
  try {
    return await open(request, folder, closers, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function open(
  { store, relays: count, presences }: WorldRequest,
  folder: string,
  closers: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<TortureWorld> {
  const mariadb = store === 'mariadb' ? await startMariadb() : undefined
  if (mariadb) closers.push(() => mariadb.close())
  const ports = await clusterPorts()
  const ways = new Ways()
  closers.push(() => ways.close())
  const names = Array.from({ length: count }, (_, i) => (i === 0 ? 'relay' : `relay-${i + 1}`))
  for (const name of names) await openInnerWays(name, ways, ports, mariadb)
  const clocks = new Map(names.map((name) => [name, new WallClock(folder, name)]))
  const heldSocket = (name: string) => path.join(folder, `${name}.held`)
  const relayEnv = (name: string) => ({
    ...innerEnv(name, ways, mariadb),
    ...heldBytesEnv(heldSocket(name)),
    ...clocks.get(name)?.env,
  })
  const inner = await startBalancer([])
  const balancer = await startBalancer([])
  closers.push(
    () => inner.close(),
    () => balancer.close(),
  )
  const deaths: string[] = []
  const killed: string[] = []
  const shared = { ...torturedEnv, RELAY_INTERNAL: inner.address }
  const cluster = await startCluster({
    folder: path.join(folder, 'data'),
    ports,
    relays: count,
    presences,
    env: { ...process.env, ...shared, NODE_COMPILE_CACHE: compileCache },
    envOf: Object.fromEntries(names.map((name) => [name, relayEnv(name)])),
    restart: 'manual',
    tell: (event) => noteDeath(event, killed, deaths),
  })
  closers.push(() => cluster.stop())
  const relays = cluster.membersOf('relay')
  inner.setBackends(relays.map(({ internalPort }) => `127.0.0.1:${internalPort}`))
  const doors: string[] = []
  for (const { member, port } of relays) {
    doors.push((await ways.open(member, `127.0.0.1:${port}`)).address)
  }
  balancer.setBackends(doors)
  const parts = partsOf(cluster, mariadb, killed)
  const members = relays.map(({ member }) => member)
  return {
    store,
    cluster,
    mariadb,
    ways,
    clocks,
    doors,
    balancer,
    deaths,
    relays: members,
    ...parts,
    async memoryOf(part, pid) {
      if (!names.includes(part)) return { what: 'memory', value: residentBytes(pid) }
      return { what: 'held', value: await eventually(() => heldBytesOf(heldSocket(part))) }
    },
    stop,
  }
}

async function openInnerWays(
  relay: string,
  ways: Ways,
  ports: ClusterPorts,
  mariadb: Mariadb | undefined,
): Promise<void> {
  await ways.open(`${relay}>nats`, `127.0.0.1:${ports.nats}`)
  if (mariadb) await ways.open(`${relay}>mariadb`, `127.0.0.1:${mariadb.port}`)
}

function innerEnv(relay: string, ways: Ways, mariadb: Mariadb | undefined): Env {
  const nats = { NATS_URL: `nats://${ways.get(`${relay}>nats`)?.address}` }
  if (!mariadb) return nats
  const url = new URL(mariadb.url())
  url.host = ways.get(`${relay}>mariadb`)?.address ?? url.host
  return { ...nats, MYSQL_URL: url.href }
}

function partsOf(cluster: Cluster, mariadb: Mariadb | undefined, killed: string[]) {
  const isDatabase = (part: string) => part === 'mariadb' && mariadb !== undefined
  return {
    parts: [...cluster.members, ...(mariadb ? ['mariadb'] : [])],
    pid: (part: string) => (isDatabase(part) ? mariadb?.pid : cluster.pid(part as MemberName)),
    async kill(part: string) {
      if (isDatabase(part)) return mariadb?.kill()
      killed.push(part)
      await cluster.kill(part as MemberName)
    },
    async start(part: string) {
      await (isDatabase(part) ? mariadb?.start() : cluster.start(part as MemberName))
    },
  }
}

function noteDeath(event: ClusterEvent, killed: string[], deaths: string[]): void {
  if (event.type !== 'ended') return
  const at = killed.indexOf(event.member)
  if (at >= 0) killed.splice(at, 1)
  else deaths.push(`${event.member} ended by itself: ${JSON.stringify(event.ending)}`)
}
