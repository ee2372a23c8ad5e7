import { openSigner } from '@parley/auth'
import { connectBus } from '@parley/bus'
import type { Bus } from '@parley/bus'
import {
  healthService,
  operatorKeyHeader,
  requireKey,
  serviceKeyHeader,
  startGrpcServer,
} from '@parley/grpc-kit'
import type { GrpcServer } from '@parley/grpc-kit'
import {
  Health,
  Metrics,
  dataFolder,
  lockFolder,
  openAll,
  sharedKey,
  systemScheduler,
  uuidText,
  uuidv7,
} from '@parley/service-kit'
import type { CloseStack, Logger, RunningService, Scheduler } from '@parley/service-kit'
import { startChores } from './chores/index.ts'
import type { RelayConfig } from './config.ts'
import type { Context } from './context.ts'
import { spokenDialects } from './dialects/spoken.ts'
import { farewell } from './door/farewell.ts'
import { openDoor } from './door/listener.ts'
import { relayEvents } from './events.ts'
import { internalServices, operatorServices } from './handlers/index.ts'
import { openPresenceLink } from './presence/grpc-presence-link.ts'
import { createSecurity } from './security/index.ts'
import { searchGate } from './search/search-gate.ts'
import { startEngine } from './session/start-engine.ts'
import type { RunningEngine } from './session/start-engine.ts'
import { openJournal } from './store/open-journal.ts'
import { openUpgradeBoard } from './upgrades/upgrade-board.ts'

/** What a farewell takes beyond its drain. */
const farewellMarginMs = 2_000

/** What a relay is given beside its configuration. */
export interface RelayParts {
  /** The real one unless a test owns time. */
  readonly scheduler?: Scheduler
  /** Called when the database cannot be trusted any more; ends the process unless told. */
  readonly fatal?: (error: Error) => void
}

/** Starts a relay; resolves when both its doors are open. */
export function startRelay(
  config: RelayConfig,
  log: Logger,
  parts: RelayParts = {},
): Promise<RunningService> {
  return openAll((closers) => open(config, log, parts, closers))
}

interface Keys {
  readonly internal: string
  readonly operator: string
}

async function open(
  config: RelayConfig,
  log: Logger,
  parts: RelayParts,
  closers: CloseStack,
): Promise<RunningService> {
  const { scheduler = systemScheduler } = parts
  const folder = await dataFolder(config.dataDir)
  const lock = lockFolder(folder)
  closers.push('folder lock', () => lock.release())
  const keys = await openKeys(config, scheduler)
  const bus = await connectBus(config, { name: 'relay', log, scheduler })
  closers.push('bus', () => bus.close())
  const { ctx, running } = await openContext(
    config,
    log,
    { ...parts, scheduler },
    closers,
    keys,
    bus,
  )
  const internal = await openInternalDoor(config, ctx, keys, bus)
  closers.push('internal door', () => internal.close())
  const door = await openDoor({
    ...config,
    scheduler,
    tls: config.tls && { files: config.tls, events: ctx.events },
    dialects: spokenDialects(config.dialects, { ...running, ctx }),
  })
  closers.push('public door', () => door.close())
  const { drainMs } = config
  const goodbye = () => farewell(door, running.connections, drainMs)
  closers.push('farewell', goodbye, drainMs + farewellMarginMs)
  const addresses = { public: door.address, internal: internal.address }
  return { addresses, close: () => closers.close() }
}

async function openKeys(config: RelayConfig, scheduler: Scheduler): Promise<Keys> {
  const { internalHost: host, dataDir, internalKey, operatorKey } = config
  const key = (name: 'internal' | 'operator', configured: string | undefined) =>
    sharedKey({ name, configured, host, dataDir }, scheduler)
  return {
    internal: await key('internal', internalKey),
    operator: await key('operator', operatorKey),
  }
}

interface Opened {
  readonly ctx: Context
  readonly running: RunningEngine
}

async function openContext(
  config: RelayConfig,
  log: Logger,
  { scheduler, fatal = die }: RelayParts & { readonly scheduler: Scheduler },
  closers: CloseStack,
  keys: Keys,
  bus: Bus,
): Promise<Opened> {
  const { dataDir } = config
  const events = relayEvents(log, new Metrics())
  const told = {
    failed: (command: string, stack: string) => events.commandFailed(command, stack),
    lost: (code: string) => events.batchLost(code),
    waiting: (code: string) => events.storeAwaited(code),
    warned: (words: string) => events.storeWarned(words),
    fatal: (error: Error) => {
      events.storeLost(error)
      fatal(error)
    },
  }
  const journal = await openJournal(config, told, scheduler)
  closers.push('journal', () => journal.close())
  const signer = await openSigner({ issuer: 'relay', folder: dataDir, scheduler })
  const common = { scheduler, log, journal, signer, internalKey: keys.internal }
  const security = await createSecurity({ ...config, ...common }, closers)
  const bootId = uuidv7(scheduler)
  const link = { ...common, bus, serviceKey: keys.internal, bootId }
  const presence = openPresenceLink({ ...link, addresses: config.presenceInternal }, closers)
  const peers = config.mysqlUrl === undefined ? undefined : { ...common, bus, bootId }
  const upgrades = openUpgradeBoard({ ...common, refusesOld: config.refusesOldClients })
  const running = startEngine(
    { ...config, ...common, events, presence, peers, upgrades, ...checks(config, security) },
    closers,
  )
  const { commits, hub } = running.engine
  const holder = uuidText(bootId)
  startChores({ ...config, ...common, commits, holder, serviceKey: keys.internal }, closers)
  const store = { journal, commits, searches: searchGate() }
  const ctx = { config, log, scheduler, events, ...store, hub, presence, signer, security }
  return { ctx, running }
}

type Security = Awaited<ReturnType<typeof createSecurity>>

function checks(config: RelayConfig, { tokens, receipts }: Security) {
  const { filesPublic: filesUrl, imagesPublic: imagesUrl, heartbeatMs } = config
  const greeting = { filesUrl, imagesUrl, heartbeatMs, rendezvous: config.rendezvousPublic }
  return { tokens, receipts, greeting }
}

function openInternalDoor(
  config: RelayConfig,
  ctx: Context,
  keys: Keys,
  bus: Bus,
): Promise<GrpcServer> {
  const health = new Health(ctx.scheduler)
  health.add('bus', () => {
    if (!bus.connected) throw new Error('the bus is away')
  })
  return startGrpcServer({
    host: config.internalHost,
    port: config.internalPort,
    allowPlaintext: config.allowPlaintext,
    services: [
      ...internalServices(ctx).map((each) => requireKey(each, serviceKeyHeader, keys.internal)),
      ...operatorServices(ctx).map((each) => requireKey(each, operatorKeyHeader, keys.operator)),
      healthService(ctx, health),
    ],
  })
}

/** After a failed write only the disk knows what is true: the process ends, and starts from it. */
function die(error: Error): never {
  throw error
}
