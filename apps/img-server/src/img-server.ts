import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RemoteKeySet, Verifier, openSigner } from '@parley/auth'
import { openSigningKeys, startGrpcServer } from '@parley/grpc-kit'
import type { PeerSigningKeys } from '@parley/grpc-kit'
import { Health, Metrics, dataFolder, lockFolder, openAll } from '@parley/service-kit'
import { sharedKey, systemScheduler } from '@parley/service-kit'
import type { CloseStack, Logger, RunningService, Scheduler } from '@parley/service-kit'
import {
  defaultUploadLimits,
  openStorage,
  openUploads,
  startCollector,
  startHttpDoor,
} from '@parley/uploads'
import type { TransferPace } from '@parley/uploads'
import type { ImgServerConfig } from './config.ts'
import type { ImgServerContext } from './context.ts'
import { imageLimits } from './domain/image-limits.ts'
import { imageEvents } from './events.ts'
import type { ImageEvents } from './events.ts'
import { imageFinisher } from './finish-image.ts'
import { internalServices } from './handlers/internal-services.ts'
import { workerOptions } from './pool/worker-options.ts'
import type { PoolOptions } from './pool/worker-pool.ts'
import { WorkerPool } from './pool/worker-pool.ts'
import { openRepresentations } from './representations/open-representations.ts'
import { routesOf } from './routes/routes.ts'

/** What a test may put in place of the real part. */
export interface ImgServerParts {
  readonly log: Logger
  readonly scheduler?: Scheduler
  /** The relay's public keys, asked over gRPC unless given. */
  readonly relayKeys?: PeerSigningKeys
  readonly pool?: Partial<PoolOptions>
  readonly pace?: TransferPace
}

type Opened = Required<Omit<ImgServerParts, 'pace'>> & {
  readonly config: ImgServerConfig
  readonly folder: string
  readonly events: ImageEvents
  readonly closers: CloseStack
}

/** How often a bounded number of what nobody needs is taken away. */
export const collectEveryMs = 10 * 60_000

/** Starts the image server; it answers on both doors when this resolves. */
export function startImgServer(
  config: ImgServerConfig,
  parts: ImgServerParts,
): Promise<RunningService> {
  return openAll((closers) => open(config, parts, closers), parts.scheduler)
}

async function open(
  config: ImgServerConfig,
  parts: ImgServerParts,
  closers: CloseStack,
): Promise<RunningService> {
  const { log, scheduler = systemScheduler, pool = {} } = parts
  const folder = await dataFolder(config.dataDir)
  const lock = lockFolder(folder)
  closers.push('folder lock', () => lock.release())
  const { internalHost: host, internalKey: configured, dataDir } = config
  const serviceKey = await sharedKey({ name: 'internal', configured, host, dataDir })
  const relayKeys = parts.relayKeys ?? openSigningKeys(config.relayInternal, serviceKey)
  closers.push('way to the relay', () => relayKeys.close())
  const events = imageEvents(log, new Metrics())
  const opened = { config, folder, events, closers, log, scheduler, relayKeys, pool }
  const verifier = await openVerifier(opened)
  const { checkBlobs, ...kept } = await openStore(opened)
  const ctx = { ...kept, verifier, log, scheduler }
  const health = new Health(scheduler)
  health.add('index', () => ctx.store.files.assertReadable())
  if (config.s3) health.add('bucket', checkBlobs)
  const addresses = await openDoors(opened, ctx, health, serviceKey, parts.pace)
  return { addresses, close: () => closers.close() }
}

async function openVerifier({ folder, relayKeys, log, scheduler, closers }: Opened) {
  const cacheFile = join(folder, 'relay-keys.json')
  const fetch = () => relayKeys.fetch()
  const keys = new RemoteKeySet({ issuer: 'relay', fetch, cacheFile, log, scheduler })
  closers.push('relay keys', () => keys.close())
  await keys.start()
  return new Verifier(keys, { scheduler })
}

async function openStore(on: Opened) {
  const { folder, config, scheduler, log, events, closers } = on
  const { s3, allowPlaintext } = config
  const place = { s3, allowPlaintext, folder: join(folder, 'images'), dataFolder: folder }
  const storage = await openStorage({ ...place, service: 'img-server', scheduler, log })
  closers.push('blobs', () => storage.close())
  const { blobs, neighbours } = storage
  const signer = await openSigner({ issuer: 'img-server', folder, scheduler })
  const workFolder = await emptyFolder(join(folder, 'work'))
  const options = { ...workerOptions, workers: config.workers, ...on.pool }
  const pool = new WorkerPool(options, scheduler, events)
  closers.push('workers', () => pool.close())
  const limits = {
    ...defaultUploadLimits,
    maxUploadBytes: imageLimits.maxBytes,
    maxUserBytes: config.maxUserBytes,
    minFreeBytes: config.minFreeBytes,
  }
  const finish = imageFinisher({ pool, workFolder, limits: imageLimits, events })
  const store = await openUploads({ folder, blobs, neighbours, limits, finish, scheduler, log })
  // No image may be finished into a closed index, so the workers go first.
  closers.push('uploads', async () => {
    await pool.close()
    store.close()
  })
  const making = { folder: await emptyFolder(join(folder, 'made')), pool, workFolder, store }
  const representations = await openRepresentations({ ...making, scheduler, log, events, closers })
  const checkBlobs = () => storage.check()
  return { store, checkBlobs, signer, representations, events }
}

// What a killed process was working on is made again from the upload, or when it is asked for.
async function emptyFolder(path: string): Promise<string> {
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { mode: 0o700 })
  return path
}

async function openDoors(
  on: Opened,
  ctx: ImgServerContext,
  health: Health,
  serviceKey: string,
  pace: TransferPace | undefined,
) {
  const { config, closers, log, scheduler } = on
  const { collection } = ctx.store
  const everyMs = collectEveryMs
  const collector = startCollector({ collection, everyMs, scheduler, log })
  closers.push('collector', () => collector.stop())
  const services = internalServices(ctx, health, serviceKey)
  const { host, port, internalHost, internalPort, allowPlaintext } = config
  const inner = { host: internalHost, port: internalPort, allowPlaintext, services }
  const internal = await startGrpcServer(inner)
  closers.push('internal door', () => internal.close())
  const routes = routesOf(ctx, health)
  const paced = pace ? { pace } : {}
  const door = await startHttpDoor({ host, port, allowPlaintext, routes, scheduler, log, ...paced })
  closers.push('public door', () => door.close())
  return { public: door.address, internal: internal.address }
}
