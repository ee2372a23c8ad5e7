import type { Scheduler } from '@parley/service-kit'
import type { BlobPins } from './blob-pins.ts'
import type { FileRows } from './file-rows.ts'
import type { IndexDatabase } from './open-index.ts'
import type { PartFiles } from './part-files.ts'
import type { RunningDigests } from './running-digests.ts'
import type { StoredFile } from './stored-file.ts'
import type { CompleteUpload, Finish, Upload } from './upload.ts'
import type { UploadRows } from './upload-rows.ts'

/** What finishing needs. */
export interface FinishingParts {
  readonly db: IndexDatabase
  readonly rows: UploadRows
  readonly files: FileRows
  readonly parts: PartFiles
  readonly digests: RunningDigests
  readonly pins: BlobPins
  readonly scheduler: Scheduler
  readonly finish: Finish
}

/**
 * Turns a complete upload into a stored file, once: the file's row and the upload's mark commit
 * together, before that everything can be done again, after it the part is only litter.
 */
export async function finishUpload(on: FinishingParts, upload: Upload): Promise<StoredFile> {
  const known = on.files.find(upload.fileId)
  if (known) return known
  await on.parts.assertSize(upload.id, upload.sizeBytes)
  const complete = await withDigest(on, upload)
  const file = await on.pins.withIntake(async (intake) => {
    const { facts, variants } = await on.finish(complete, intake)
    const { fileId, owner, name } = upload
    const made = { id: fileId, owner, name, createdMs: upload.createdMs, facts, variants }
    commit(on, upload, made)
    return made
  })
  await on.parts.remove(upload.id)
  return file
}

async function withDigest(on: FinishingParts, upload: Upload): Promise<CompleteUpload> {
  const digest = await on.digests.take(upload.id, upload.sizeBytes)
  // Should finishing fail for now, the next attempt need not read the bytes again.
  on.digests.keep(upload.id, digest)
  return { ...upload, path: on.parts.pathOf(upload.id), digest: digest.hex() }
}

function commit(on: FinishingParts, upload: Upload, file: StoredFile): void {
  on.db.transaction(() => {
    // Not since its upload began, which may have taken longer than a file is kept for.
    on.files.insert(file, on.scheduler.now())
    on.rows.setFinished(upload.id)
  })()
  on.digests.forget(upload.id)
}
