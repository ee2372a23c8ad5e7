import { statfs } from 'node:fs/promises'
import { AppError } from '@parley/errors'
import type { FileRows } from './file-rows.ts'
import type { UploadLimits } from './limits.ts'
import { diskFull } from './refusals.ts'
import type { UploadRows } from './upload-rows.ts'

/** Says whether there is room for another upload, for this user and on this disk. */
export class SpaceCheck {
  readonly #folder: string
  readonly #limits: UploadLimits
  readonly #rows: UploadRows
  readonly #files: FileRows

  constructor(folder: string, limits: UploadLimits, rows: UploadRows, files: FileRows) {
    this.#folder = folder
    this.#limits = limits
    this.#rows = rows
    this.#files = files
  }

  /** Throws `AppError` unless an upload of this size may begin. */
  async assertRoomFor(owner: string, sizeBytes: number): Promise<void> {
    if (sizeBytes > this.#limits.maxUploadBytes) {
      const message = `it has ${sizeText(sizeBytes)}; at most ${sizeText(this.#limits.maxUploadBytes)} are taken`
      throw new AppError('too-large', 'UPLOAD_TOO_LARGE', message)
    }
    this.assertQuota(owner, sizeBytes)
    await this.assertDisk(sizeBytes)
  }

  /** Throws `AppError` when the user has too many unfinished uploads, files or bytes. */
  assertQuota(owner: string, sizeBytes: number): void {
    const { maxUserUploads, maxUserFiles, maxUserBytes } = this.#limits
    const unfinished = this.#rows.unfinishedOf(owner)
    if (unfinished.count >= maxUserUploads) {
      const message = `finish or remove one of your ${unfinished.count} unfinished uploads first`
      throw new AppError('rate-limited', 'TOO_MANY_UPLOADS', message, { retryAfterMs: 60_000 })
    }
    const stored = this.#files.storedBy(owner)
    if (unfinished.count + stored.files >= maxUserFiles) {
      throw new AppError('exhausted', 'QUOTA_EXCEEDED', `your ${maxUserFiles} files are used up`)
    }
    if (unfinished.bytes + stored.bytes + sizeBytes > maxUserBytes) {
      throw new AppError(
        'exhausted',
        'QUOTA_EXCEEDED',
        `your ${sizeText(maxUserBytes)} are used up`,
      )
    }
  }

  /** Throws `AppError` (exhausted, DISK_FULL) when so many more bytes would pass the watermark. */
  async assertDisk(sizeBytes = 0): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder)
    if (bavail * bsize - sizeBytes < this.#limits.minFreeBytes) throw diskFull()
  }
}

// Limits are whole MiB where people meet them.
function sizeText(bytes: number): string {
  const mib = bytes / 2 ** 20
  return mib < 1 ? `${bytes} bytes` : `${Number(mib.toFixed(1))} MiB`
}
