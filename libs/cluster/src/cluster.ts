import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import type { Env } from '@parley/service-kit'
import { launchService } from './launch-service.ts'
import { natsMembers } from './launch-nats.ts'
import { boundLog } from './log-file.ts'
import { clusterPorts, freePorts } from './ports.ts'
import type { ClusterPorts } from './ports.ts'
import type { Launch } from './running.ts'
import { serviceMembers } from './service-members.ts'
import { memberEnvironment, serviceNames, serviceProgram } from './services.ts'
import type { ClusterSettings, MemberName, ServiceMember, ServiceName } from './services.ts'
import { Supervisor } from './supervisor.ts'
import type { SupervisorEvent } from './supervisor.ts'

/** A nats-server that somebody else runs. */
export interface ExternalNats {
  readonly url: string
}

/** What a cluster is made of. */
export interface ClusterRequest {
  /** Data, keys and logs of all members; made when it is not there. */
  readonly folder: string
  /** Free ones unless told. */
  readonly ports?: ClusterPorts
  /** All four unless told. */
  readonly services?: readonly ServiceName[]
  /** How many relays: `relay`, `relay-2` and so on, each with a folder of its own; 1 unless told. */
  readonly relays?: number
  /** How many presence processes: `presence`, `presence-2` and so on; 1 unless told. */
  readonly presences?: number
  /** What every service is given besides the cluster's own variables. */
  readonly env: Env
  /** What single services, or single members, are given besides. */
  readonly envOf?: Partial<Record<MemberName, Env>>
  /** How many servers our own bus has: `nats`, `nats-2` and so on; 1 unless told. */
  readonly natsNodes?: number
  /** Our own unless told; its user and password are then in `env`. */
  readonly nats?: ExternalNats
  /** Where to look for nats-server; PATH and the system's folders unless told. */
  readonly natsProgramFolders?: readonly string[]
  /** `backoff`: what dies is started again; `manual`: only `start` does that. */
  readonly restart: 'backoff' | 'manual'
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
  readonly tell?: (event: ClusterEvent) => void
}

/** What a cluster has to tell of a member. */
export type ClusterEvent = SupervisorEvent & { readonly member: MemberName }

/** Services of one machine, up and supervised. */
export interface Cluster {
  readonly folder: string
  readonly ports: ClusterPorts
  readonly members: readonly MemberName[]
  /** The processes of a service and where they listen, up or not. */
  membersOf(service: ServiceName): readonly ServiceMember[]
  /** The process of a member, or undefined while it is down. */
  pid(member: MemberName): number | undefined
  /** The addresses of a member that is up, by door; empty while it is down. */
  addresses(member: MemberName): Readonly<Record<string, string>>
  /** The data folder of a member. */
  dataFolder(member: MemberName): string
  /** Where the log lines of a service go. */
  logFile(member: MemberName): string
  /** Sends a signal, SIGKILL unless told; resolves when the member is gone, if the signal ends it. */
  kill(member: MemberName, signal?: NodeJS.Signals): Promise<void>
  /** Starts a member that is down; resolves when it is up, rejects when it does not come up. */
  start(member: MemberName): Promise<void>
  /** Stops all members in order, the last started first. */
  stop(): Promise<void>
}

const boundLogsEveryMs = 30_000
/** How long an orderly stop may take before it is forced. */
const stopLimitMs = 15_000
/** A relay may be given half a minute for its devices to go elsewhere. */
const relayStopLimitMs = 50_000

/**
 * Starts a nats-server and the services, each in a process of its own, and resolves when all are
 * ready. None of them outlives this process. If one does not come up the others are stopped and
 * its error is thrown: `AppError` (precondition, NATS_SERVER_MISSING or SERVICE_REFUSED;
 * unavailable, NATS_SERVER_FAILED or SERVICE_FAILED).
 */
export async function startCluster(request: ClusterRequest): Promise<Cluster> {
  const folder = resolve(request.folder)
  const logs = join(folder, 'logs')
  await mkdir(logs, { recursive: true, mode: 0o700 })
  const ports = request.ports ?? (await clusterPorts())
  const supervisors = new Map<MemberName, Supervisor>()
  const { services = serviceNames, relays: relay = 1, presences: presence = 1 } = request
  const members = await serviceMembers(services, { relay, presence }, ports)
  const cluster = clusterOf({ folder, logs, ports, supervisors, members })
  const abort = () => void cluster.stop()
  request.signal?.addEventListener('abort', abort, { once: true })
  try {
    const nats = await addNats(request, { folder, ports, supervisors })
    request.signal?.throwIfAborted()
    const morePresencePorts = furtherPorts(members, 'presence')
    const settings = { folder, ports, env: request.env, morePresencePorts, ...nats }
    await addServices(request, { settings, members, logs, supervisors })
  } catch (error) {
    await cluster.stop()
    throw error
  } finally {
    request.signal?.removeEventListener('abort', abort)
  }
  return cluster
}

type Supervisors = Map<MemberName, Supervisor>

interface NatsPlace {
  readonly folder: string
  readonly ports: ClusterPorts
  readonly supervisors: Supervisors
}

async function addNats(
  request: ClusterRequest,
  { folder, ports, supervisors }: NatsPlace,
): Promise<Pick<ClusterSettings, 'natsUrl' | 'natsPasswords'>> {
  if (request.nats) return { natsUrl: request.nats.url, natsPasswords: {} }
  const { natsNodes = 1, natsProgramFolders: programFolders } = request
  const free = await freePorts(2 * natsNodes - 1, Object.values(ports))
  const clientPorts = [ports.nats, ...free.splice(0, natsNodes - 1)]
  const nats = natsMembers({ folder, ports: clientPorts, routePorts: free, programFolders })
  for (const { member, launch } of nats.all) {
    const supervisor = new Supervisor(launch, supervision(member, request))
    supervisors.set(member, supervisor)
    await supervisor.start()
  }
  return { natsUrl: nats.url, natsPasswords: nats.passwords() }
}

interface ServicesPlace {
  readonly settings: ClusterSettings
  readonly members: readonly ServiceMember[]
  readonly logs: string
  readonly supervisors: Supervisors
}

async function addServices(request: ClusterRequest, place: ServicesPlace): Promise<void> {
  const added = place.members.map((one) => {
    const supervisor = new Supervisor(launchOf(one, request, place), {
      ...supervision(one.member, request),
      stopLimitMs: one.service === 'relay' ? relayStopLimitMs : stopLimitMs,
    })
    place.supervisors.set(one.member, supervisor)
    return supervisor
  })
  // Together: each does without the others while they are not there.
  await Promise.all(added.map((supervisor) => supervisor.start()))
}

function launchOf(one: ServiceMember, request: ClusterRequest, place: ServicesPlace): Launch {
  const { member: name, service } = one
  const { envOf = {} } = request
  const own = { ...envOf[service], ...envOf[name] }
  const env = { ...memberEnvironment(one, place.settings), ...own }
  const logFile = join(place.logs, `${name}.log`)
  return (signal) => launchService({ name, program: serviceProgram(service), env, logFile }, signal)
}

function furtherPorts(members: readonly ServiceMember[], service: ServiceName): number[] {
  const all = members.filter((one) => one.service === service)
  return all.slice(1).map(({ internalPort }) => internalPort)
}

function supervision(member: MemberName, request: ClusterRequest) {
  const tell = (event: SupervisorEvent) => request.tell?.({ ...event, member })
  return { restart: request.restart, tell }
}

interface ClusterParts extends NatsPlace {
  readonly logs: string
  readonly members: readonly ServiceMember[]
}

function clusterOf({ folder, logs, ports, supervisors, members }: ClusterParts): Cluster {
  const logFile = (member: MemberName) => join(logs, `${member}.log`)
  const boundLogs = systemScheduler.every(boundLogsEveryMs, () => {
    for (const member of supervisors.keys()) void boundLog(logFile(member)).catch(() => undefined)
  })
  return {
    folder,
    ports,
    get members() {
      return [...supervisors.keys()]
    },
    membersOf: (service) => members.filter((one) => one.service === service),
    pid: (member) => supervisors.get(member)?.running?.pid,
    addresses: (member) => supervisors.get(member)?.running?.addresses ?? {},
    dataFolder: (member) => join(folder, member),
    logFile,
    kill: (member, signal = 'SIGKILL') => supervisorOf(supervisors, member).kill(signal),
    async start(member) {
      await supervisorOf(supervisors, member).start()
    },
    async stop() {
      boundLogs.cancel()
      for (const supervisor of [...supervisors.values()].toReversed()) await supervisor.stop()
    },
  }
}

function supervisorOf(supervisors: Supervisors, member: MemberName): Supervisor {
  const supervisor = supervisors.get(member)
  if (supervisor) return supervisor
  throw new AppError('not-found', 'MEMBER_MISSING', `${member} is not part of this cluster`)
}
