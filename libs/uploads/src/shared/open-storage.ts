import path from 'node:path'
import {
  DiskBlobStore,
  S3BlobStore,
  UnansweredDeletes,
  assertMayUse,
  openBucket,
} from '@parley/blob-store'
import type { BlobStore, Bucket, S3Location } from '@parley/blob-store'
import { isAppError } from '@parley/errors'
import { readIfThere, readOrCreateFile } from '@parley/service-kit'
import type { Logger, Scheduler } from '@parley/service-kit'
import { randomId } from '../random-id.ts'
import { storageChanged } from '../refusals.ts'
import { bucketRecords } from './bucket-records.ts'
import type { Neighbours } from './file-shelf.ts'

/** Where a service keeps its blobs. */
export interface StorageOptions {
  /** A bucket; undefined for `folder`. */
  readonly s3: S3Location | undefined
  /** Also of a bucket that is not on this machine. */
  readonly allowPlaintext: boolean
  /** Of the blobs on disk. */
  readonly folder: string
  /** The service's own, which names it in the bucket. */
  readonly dataFolder: string
  readonly service: string
  readonly scheduler: Scheduler
  readonly log: Logger
}

/** Open storage of blobs. */
export interface BlobStorage {
  readonly blobs: BlobStore
  /** Undefined on disk: there this server is the only one. */
  readonly neighbours: Neighbours | undefined
  /** Throws while the blobs cannot be had. */
  check(): Promise<void>
  close(): void
}

/**
 * Opens the blobs of a service, on its disk or in a bucket. A bucket that does not let it in is an
 * `AppError` (unavailable, BUCKET_REFUSED); one that is away is waited for by whoever needs it.
 */
export async function openStorage(options: StorageOptions): Promise<BlobStorage> {
  const idFile = path.join(options.dataFolder, 'server-id')
  if (options.s3) return openShared(options, options.s3, idFile)
  if ((await readIfThere(idFile)) !== undefined) {
    throw storageChanged('its files are in a bucket: S3_URL is missing')
  }
  const blobs = await DiskBlobStore.open(options.folder)
  return { blobs, neighbours: undefined, check: async () => undefined, close: () => undefined }
}

async function openShared(
  options: StorageOptions,
  s3: S3Location,
  idFile: string,
): Promise<BlobStorage> {
  const { scheduler, log, service, folder } = options
  assertMayUse(s3, options.allowPlaintext)
  if ((await readIfThere(idFile)) === undefined && (await holdsBlobs(folder))) {
    throw storageChanged('its files are on its disk: a server with S3_URL starts with an empty one')
  }
  // Made once: the name of this server's blobs.
  const serverId = await readOrCreateFile(idFile, () => randomId(scheduler))
  const deletes = path.join(options.dataFolder, 'unanswered-deletes')
  const unanswered = await UnansweredDeletes.open({ folder: deletes, scheduler })
  const bucket = await openBucket(s3, scheduler)
  const blobsOf = (id: string) => new S3BlobStore(bucket, id, scheduler)
  const blobs = new S3BlobStore(bucket, serverId, scheduler, unanswered)
  try {
    await settle(bucket, blobs, log)
  } catch (error) {
    bucket.close()
    throw error
  }
  const records = bucketRecords({ bucket, service, serverId })
  const neighbours = { serverId, records, blobsOf }
  return { blobs, neighbours, check: () => bucket.check(), close: () => bucket.close() }
}

async function holdsBlobs(folder: string): Promise<boolean> {
  const first = await (await DiskBlobStore.open(folder)).list()[Symbol.asyncIterator]().next()
  return first.done !== true
}

async function settle(bucket: Bucket, blobs: S3BlobStore, log: Logger): Promise<void> {
  try {
    await bucket.check()
    const litter = await blobs.removeLitter()
    if (litter > 0) log.info({ litter }, 'uploads to the bucket that a kill had left were ended')
  } catch (error) {
    if (!isAppError(error) || error.reason === 'BUCKET_REFUSED') throw error
    log.warn({ err: error }, 'the bucket is away; what needs it waits')
  }
}
