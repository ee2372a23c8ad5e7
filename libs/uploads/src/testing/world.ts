import path from 'node:path'
import { DiskBlobStore } from '@parley/blob-store'
import type { BlobStore } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { createLogger, systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { bearerOf } from '../http/bearer.ts'
import { startHttpDoor } from '../http/door.ts'
import type { Exchange, Route } from '../http/exchange.ts'
import { defaultPace } from '../http/pace.ts'
import type { TransferPace } from '../http/pace.ts'
import { sendBlob } from '../http/send-blob.ts'
import { defaultUploadLimits } from '../limits.ts'
import type { UploadLimits } from '../limits.ts'
import type { Lost } from '../lost-write.ts'
import { openUploads } from '../open-uploads.ts'
import type { UploadStore } from '../open-uploads.ts'
import { notFound } from '../refusals.ts'
import { uploadRoutes } from '../tus/upload-routes.ts'
import type { Finish } from '../upload.ts'

/** What a test may have otherwise. */
export interface WorldOptions {
  readonly limits?: Partial<UploadLimits>
  readonly finish?: Finish
  readonly pace?: Partial<TransferPace>
  readonly scheduler?: Scheduler
  readonly lost?: Lost
}

/** Stores whatever comes, as one blob. */
const finishPlainly: Finish = async ({ path: file, digest, sizeBytes }, blobs) => {
  await blobs.put(file, digest)
  const type = 'application/octet-stream'
  return { facts: { plain: true }, variants: [{ variant: 'full', digest, sizeBytes, type }] }
}

/** An upload store in a folder. */
export async function openStore(folder: string, options: WorldOptions = {}) {
  const blobs = await DiskBlobStore.open(path.join(folder, 'blobs'))
  const scheduler = options.scheduler ?? systemScheduler
  const store = await openUploads({
    folder,
    blobs,
    limits: { ...defaultUploadLimits, minFreeBytes: 0, ...options.limits },
    finish: options.finish ?? finishPlainly,
    scheduler,
    log: createLogger('test', 'silent'),
    ...(options.lost && { lost: options.lost }),
  })
  return { store, blobs, scheduler }
}

/** A store behind a real HTTP door, where the token `user-x` is the user `user-x`. */
export async function openWorld(folder: string, options: WorldOptions = {}) {
  const { store, blobs, scheduler } = await openStore(folder, options)
  const log = createLogger('test', 'silent')
  const pace = { ...defaultPace, ...options.pace }
  const routes = [...tusRoutes(store), ...downloadRoutes(store, blobs)]
  const place = { host: '127.0.0.1', port: 0, allowPlaintext: false }
  const door = await startHttpDoor({ ...place, routes, scheduler, log, pace })
  return {
    store,
    blobs,
    root: `http://${door.address}`,
    close: async () => {
      await door.close(100)
      store.close()
    },
  }
}

function tusRoutes(store: UploadStore): Route[] {
  return uploadRoutes({
    uploads: store.uploads,
    maxUploadBytes: defaultUploadLimits.maxUploadBytes,
    authenticate: async (token) => {
      if (token.startsWith('user-')) return token
      throw new AppError('unauthenticated', 'TOKEN_INVALID', 'the token is not good')
    },
    headersOf: async (file) => ({ 'Parley-File-Id': file.id }),
  })
}

function downloadRoutes(store: UploadStore, blobs: BlobStore): Route[] {
  const handle = async (exchange: Exchange) => {
    const file = store.files.find(exchange.params['id'] ?? '')
    const variant = file?.variants[0]
    const blob = variant && (await blobs.open(variant.digest))
    if (!file || !variant || !blob) throw notFound()
    // The leave of `user-brief` is gone as soon as it is looked at again.
    const recheck = async () => {
      if (bearerOf(exchange.request) === 'user-brief') throw notFound()
    }
    const { digest, type } = variant
    await sendBlob(exchange, { blob, digest, type, name: file.name, recheck })
  }
  const route = '/files/:id'
  return [
    { method: 'GET', path: route, handle },
    { method: 'HEAD', path: route, handle },
  ]
}
