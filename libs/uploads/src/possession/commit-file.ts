import type { Scheduler } from '@parley/service-kit'
import type { FileRows } from '../file-rows.ts'
import { isLostWrite } from '../lost-write.ts'
import type { Lost } from '../lost-write.ts'
import type { IndexDatabase } from '../open-index.ts'
import { randomId } from '../random-id.ts'
import { storageError } from '../refusals.ts'
import type { SpaceCheck } from '../space-check.ts'
import type { StoredFile } from '../stored-file.ts'

/** What a user says they have. */
export interface Claim {
  /** BLAKE3 of the bytes, hex. */
  readonly digest: string
  readonly sizeBytes: number
  /** What the file shall be called: data, never a path. */
  readonly name: string | undefined
}

/** What a new file of an old blob is committed to. */
export interface CommitParts {
  readonly db: IndexDatabase
  readonly files: FileRows
  readonly space: SpaceCheck
  readonly scheduler: Scheduler
  readonly lost: Lost
}

/** Makes the claimed file, on disk on return; throws `AppError` when the owner's quota is used up. */
export function commitFile(
  { db, files, space, scheduler, lost }: CommitParts,
  { digest, sizeBytes, name }: Claim,
  owner: string,
  type: string,
): StoredFile {
  const variants = [{ variant: 'full', digest, sizeBytes, type }]
  const createdMs = scheduler.now()
  const file = { id: randomId(scheduler), owner, name, createdMs, facts: {}, variants }
  try {
    // Again, in one turn with the row: others may have begun uploads meanwhile.
    space.assertQuota(owner, sizeBytes)
    db.transaction(() => files.insert(file, createdMs))()
  } catch (error) {
    if (isLostWrite(error)) lost(error)
    throw storageError(error)
  }
  return file
}
