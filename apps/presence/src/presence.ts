import { connectBus, presenceShards, shardOf } from '@parley/bus'
import type { Bus } from '@parley/bus'
import {
  bidi,
  grpcService,
  healthService,
  requireKey,
  serviceKeyHeader,
  startGrpcServer,
  unary,
} from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import { presence as wire } from '@parley/proto'
import { Health, openAll, sharedKey, systemScheduler, uuidv7 } from '@parley/service-kit'
import type { CloseStack, Logger, RunningService, Scheduler } from '@parley/service-kit'
import type { PresenceConfig } from './config.ts'
import type { PresenceContext } from './context.ts'
import { Leases } from './domain/leases.ts'
import { Revisions } from './domain/revisions.ts'
import { Users } from './domain/users.ts'
import { logEvents } from './events.ts'
import { getSnapshot } from './handlers/get-snapshot.ts'
import { query } from './handlers/query.ts'
import { report } from './handlers/report.ts'
import { keyId } from './ids.ts'
import { presenceLimits } from './limits.ts'
import { openRelayNameBook } from './rendezvous/name-book.ts'
import type { NameBook } from './rendezvous/name-book.ts'
import { openRendezvous } from './rendezvous/open-rendezvous.ts'
import { Streams } from './streams.ts'
import { Ticker } from './ticker.ts'

/** Starts presence: the internal server listens and changes are published when it resolves. */
export function startPresence(
  config: PresenceConfig,
  log: Logger,
  scheduler: Scheduler = systemScheduler,
): Promise<RunningService> {
  return openAll(async (closers) => {
    const { internalHost: host, internalPort: port, internalKey, dataDir } = config
    const keyRequest = { name: 'internal', configured: internalKey, host, dataDir } as const
    const key = await sharedKey(keyRequest, scheduler)
    const bus = await connectBus(config, { name: 'presence', log, scheduler })
    closers.push('bus', () => bus.close())
    const ctx = createContext(config, log, scheduler)
    const services = presenceServices(ctx, key, busHealth(bus, scheduler))
    const { allowPlaintext } = config
    const server = await startGrpcServer({ host, port, services, allowPlaintext })
    closers.push('internal server', () => server.close())
    closers.push('report streams', () => ctx.streams.endAll())
    closers.push('ticker', new Ticker(ctx, bus).start())
    const rendezvous = await openRendezvousIfAsked(config, ctx, key, closers)
    const addresses = { ...rendezvous, internal: server.address }
    return { addresses, close: () => closers.close() }
  }, scheduler)
}

/** A presence with nothing reported yet. */
export function createContext(
  config: Pick<PresenceConfig, 'maxUsers' | 'maxDevicesPerUser' | 'maxRelays'>,
  log: Logger,
  scheduler: Scheduler,
): PresenceContext {
  const { leaseMs, graceMs, usersPerAnswer, streamsPerRelay } = presenceLimits
  const users = new Users(presenceShards, (userId) => shardOf(keyId(userId)), config)
  const rules = { leaseMs, graceMs, maxRelays: config.maxRelays }
  return {
    log,
    scheduler,
    users,
    leases: new Leases(users, rules),
    revisions: new Revisions(presenceShards, usersPerAnswer),
    streams: new Streams(config.maxRelays * streamsPerRelay, leaseMs),
    events: logEvents(log),
    instanceId: Buffer.from(uuidv7(scheduler)),
    startedAtMs: scheduler.monotonic(),
  }
}

async function openRendezvousIfAsked(
  config: PresenceConfig,
  { scheduler, events }: PresenceContext,
  key: string,
  closers: CloseStack,
): Promise<{ readonly public?: string }> {
  const { rendezvous, host, port, allowPlaintext } = config
  if (rendezvous.length === 0) return {}
  const where = rendezvous.includes('where')
  const names = rendezvous.includes('seed') ? openNames(config, key, closers) : undefined
  const at = { host, port, allowPlaintext }
  return { public: await openRendezvous({ ...at, scheduler, events, where, names }, closers) }
}

function openNames(config: PresenceConfig, key: string, closers: CloseStack): NameBook {
  const names = openRelayNameBook(config.relayInternal, key)
  closers.push('names', () => names.close())
  return names
}

function presenceServices(ctx: PresenceContext, key: string, health: Health): GrpcService[] {
  const implementation = {
    report: bidi<wire.ReportRequest, wire.ReportResponse>(ctx, (requests, writer, call) =>
      report(ctx, requests, writer, call),
    ),
    getSnapshot: unary<wire.GetSnapshotRequest, wire.GetSnapshotResponse>(ctx, (request) =>
      getSnapshot(ctx, request),
    ),
    query: unary<wire.QueryRequest, wire.QueryResponse>(ctx, (request) => query(ctx, request)),
  }
  const service = grpcService(wire.PresenceService, implementation)
  return [requireKey(service, serviceKeyHeader, key), healthService(ctx, health)]
}

function busHealth(bus: Bus, scheduler: Scheduler): Health {
  const health = new Health(scheduler)
  health.add('bus', () => {
    if (!bus.connected) throw new Error('the bus is away')
  })
  return health
}
