import path from 'node:path'
import type { BlobStore } from '@parley/blob-store'
import type { Logger, Scheduler } from '@parley/service-kit'
import { BlobPins } from './blob-pins.ts'
import { Collection } from './collection.ts'
import { FileRows } from './file-rows.ts'
import type { UploadLimits } from './limits.ts'
import { endProcess } from './lost-write.ts'
import type { Lost } from './lost-write.ts'
import { hasIndex, openIndex } from './open-index.ts'
import { PartFiles } from './part-files.ts'
import { Possessions } from './possession/possessions.ts'
import { storageChanged } from './refusals.ts'
import { RunningDigests } from './running-digests.ts'
import { FileShelf } from './shared/file-shelf.ts'
import type { Neighbours } from './shared/file-shelf.ts'
import { RecordChanges } from './shared/record-changes.ts'
import { SpaceCheck } from './space-check.ts'
import type { Finish } from './upload.ts'
import { UploadRows } from './upload-rows.ts'
import { Uploads } from './uploads.ts'

/** How an upload store is opened. */
export interface OpenUploadsOptions {
  /** A folder that this process has alone (see `lockFolder`), on the filesystem of the blobs. */
  readonly folder: string
  readonly blobs: BlobStore
  /** Other servers with the same blobs, if there are any. */
  readonly neighbours?: Neighbours | undefined
  readonly limits: UploadLimits
  readonly finish: Finish
  readonly scheduler: Scheduler
  readonly log: Logger
  /** Hears of a write that the disk has lost; ends the process unless told. */
  readonly lost?: Lost
}

/** An open upload store: uploads under way, the files they became, and what takes both away. */
export interface UploadStore {
  readonly uploads: Uploads
  readonly files: FileRows
  /** The files that can be served, those of neighbours as well. */
  readonly shelf: FileShelf
  readonly collection: Collection
  /** Lets users prove that they have a file; refusals leave `answerMs` after their question came. */
  readonly openPossessions: (answerMs: number) => Possessions
  /** Closes the index; nothing may be under way any more. */
  close(): void
}

/**
 * Opens the uploads of a service: `uploads.sqlite` and `parts/` in its folder. Throws `AppError`
 * (precondition, STORAGE_CHANGED) when there are blobs but no index of them.
 */
export async function openUploads(options: OpenUploadsOptions): Promise<UploadStore> {
  const { folder, limits, scheduler, log, blobs, finish, lost = endProcess } = options
  const parts = await PartFiles.open(path.join(folder, 'parts'))
  await assertNothingLost(folder, blobs)
  const db = openIndex(folder)
  const rows = new UploadRows(db)
  const { neighbours } = options
  const changes = neighbours && new RecordChanges(db, neighbours.records)
  const files = new FileRows(db, lost, (id) => changes?.add(id))
  const shelf = new FileShelf({ files, blobs, scheduler, neighbours, changes })
  const pins = new BlobPins(blobs)
  const digests = new RunningDigests(parts)
  const space = new SpaceCheck(folder, limits, rows, files)
  const on = { db, rows, files, parts, digests, pins, finish, scheduler, log, limits, space, lost }
  const uploads = new Uploads(on)
  const collection = new Collection({ scheduler, limits, uploads, files, shelf, blobs, pins })
  const strays = await removeStrayParts(parts, rows)
  if (strays > 0) log.info({ strays }, 'parts without an upload removed')
  const openPossessions = (answerMs: number) =>
    new Possessions({ folder, db, files, blobs, pins, space, scheduler, log, lost }, answerMs)
  const close = () => {
    db.close()
    blobs.letGo?.()
  }
  return { uploads, files, shelf, collection, openPossessions, close }
}

// To an index made anew every blob would be a stray.
async function assertNothingLost(folder: string, blobs: BlobStore): Promise<void> {
  if (hasIndex(folder)) return
  const first = await blobs.list()[Symbol.asyncIterator]().next()
  if (first.done !== true) throw storageChanged('it has blobs, but uploads.sqlite is missing')
}

// A kill between two steps leaves a part whose upload was never told of, or is already finished.
async function removeStrayParts(parts: PartFiles, rows: UploadRows): Promise<number> {
  const strays = (await parts.list()).filter((id) => rows.find(id)?.finished ?? true)
  for (const id of strays) await parts.remove(id)
  return strays.length
}
