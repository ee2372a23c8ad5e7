import path from 'node:path'
import { RemoteKeySet, Verifier, openSigner } from '@parley/auth'
import {
  healthService,
  openSigningKeys,
  requireKey,
  serviceKeyHeader,
  signingKeysService,
  startGrpcServer,
} from '@parley/grpc-kit'
import type { PeerSigningKeys } from '@parley/grpc-kit'
import {
  Health,
  assertMayListen,
  dataFolder,
  lockFolder,
  openAll,
  sharedKey,
  systemScheduler,
} from '@parley/service-kit'
import type { CloseStack, Logger, RunningService, Scheduler } from '@parley/service-kit'
import {
  holdsService,
  openStorage,
  openUploads,
  startCollector,
  startHttpDoor,
} from '@parley/uploads'
import type { TransferPace } from '@parley/uploads'
import type { FileServerConfig } from './config.ts'
import type { FileServerContext } from './context.ts'
import { finishFile } from './finish-file.ts'
import { filesService } from './handlers/get-usage.ts'
import { fileServerRoutes } from './routes.ts'

/** What a file server is given beside its configuration. */
export interface FileServerParts {
  readonly log: Logger
  /** The real one unless a test owns time. */
  readonly scheduler?: Scheduler
  /** The relay's public keys, asked over gRPC unless given. */
  readonly relayKeys?: PeerSigningKeys
  readonly pace?: TransferPace
}

/** Starts a file server; resolves when both its doors are open. */
export function startFileServer(
  config: FileServerConfig,
  parts: FileServerParts,
): Promise<RunningService> {
  return openAll((closers) => open(config, parts, closers))
}

async function open(
  config: FileServerConfig,
  parts: FileServerParts,
  closers: CloseStack,
): Promise<RunningService> {
  const { host, allowPlaintext } = config
  // Before anything is made on disk for a server that may not run.
  assertMayListen({ host, tls: false, allowPlaintext })
  const folder = await dataFolder(config.dataDir)
  const lock = lockFolder(folder)
  closers.push('folder lock', () => lock.release())
  const serviceKey = await sharedKey({
    name: 'internal',
    configured: config.internalKey,
    host: config.internalHost,
    dataDir: config.dataDir,
  })
  const relayKeys = parts.relayKeys ?? openSigningKeys(config.relayInternal, serviceKey)
  closers.push('way to the relay', () => relayKeys.close())
  const ctx = await openContext(config, parts, closers, { folder, relayKeys })
  const { collectEveryMs: everyMs } = config
  const { scheduler, log } = ctx
  const { collection } = ctx.store
  const collector = startCollector({ collection, everyMs, scheduler, log })
  closers.push('collector', () => collector.stop())
  const internal = await openInternalDoor(config, ctx, serviceKey)
  closers.push('internal door', () => internal.close())
  const door = await startHttpDoor({
    host,
    port: config.port,
    allowPlaintext,
    maxConnections: config.maxConnections,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    routes: fileServerRoutes(ctx),
    scheduler,
    log,
    ...(parts.pace && { pace: parts.pace }),
  })
  closers.push('public door', () => door.close())
  const addresses = { public: door.address, internal: internal.address }
  return { addresses, close: () => closers.close() }
}

interface Opened {
  readonly folder: string
  readonly relayKeys: PeerSigningKeys
}

async function openContext(
  config: FileServerConfig,
  parts: FileServerParts,
  closers: CloseStack,
  { folder, relayKeys }: Opened,
): Promise<FileServerContext> {
  const { log, scheduler = systemScheduler } = parts
  const { limits } = config
  const { store, checkBlobs } = await openStore(config, folder, scheduler, log, closers)
  const signer = await openSigner({ issuer: 'file-server', folder, scheduler })
  const keys = new RemoteKeySet({
    issuer: 'relay',
    fetch: () => relayKeys.fetch(),
    cacheFile: path.join(folder, 'relay-keys.json'),
    log,
    scheduler,
  })
  closers.push('relay keys', () => keys.close())
  await keys.start()
  const health = new Health(scheduler)
  health.add('index', () => store.files.assertReadable())
  if (config.s3) health.add('bucket', checkBlobs)
  const verifier = new Verifier(keys, { scheduler })
  const possessions = store.openPossessions(config.possessionAnswerMs)
  return { store, possessions, limits, signer, verifier, health, scheduler, log }
}

async function openStore(
  config: FileServerConfig,
  folder: string,
  scheduler: Scheduler,
  log: Logger,
  closers: CloseStack,
) {
  const { s3, allowPlaintext, limits } = config
  const cache = await dataFolder(path.join(folder, 'filecache'))
  const place = { s3, allowPlaintext, folder: path.join(cache, 'blobs'), dataFolder: folder }
  const storage = await openStorage({ ...place, service: 'file-server', scheduler, log })
  closers.push('blobs', () => storage.close())
  const { blobs, neighbours } = storage
  const opening = { folder: cache, blobs, neighbours, limits, finish: finishFile }
  const store = await openUploads({ ...opening, scheduler, log })
  closers.push('upload index', () => store.close())
  return { store, checkBlobs: () => storage.check() }
}

function openInternalDoor(config: FileServerConfig, ctx: FileServerContext, serviceKey: string) {
  const { files, collection } = ctx.store
  const { scheduler, log } = ctx
  const guarded = [
    holdsService({ files, collection, scheduler, log }),
    filesService(ctx),
    signingKeysService(ctx, ctx.signer.jwks),
  ].map((service) => requireKey(service, serviceKeyHeader, serviceKey))
  return startGrpcServer({
    host: config.internalHost,
    port: config.internalPort,
    allowPlaintext: config.allowPlaintext,
    services: [...guarded, healthService(ctx, ctx.health)],
  })
}
