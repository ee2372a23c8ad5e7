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
      const message = `you have ${unfinished.count} unfinished uploads; at most ${maxUserUploads} are kept of one user`
      throw new AppError('rate-limited', 'TOO_MANY_UPLOADS', message, { retryAfterMs: 60_000 })
    }
    const stored = this.#files.storedBy(owner)
    const files = unfinished.count + stored.files
    if (files >= maxUserFiles) {
      throw quotaExceeded(
        `you have ${files} files here; at most ${maxUserFiles} are kept of one user`,
      )
    }
    const bytes = unfinished.bytes + stored.bytes
    if (bytes + sizeBytes > maxUserBytes) {
      const used = `you have ${sizeText(bytes)} here and this has ${sizeText(sizeBytes)}`
      throw quotaExceeded(`${used}; at most ${sizeText(maxUserBytes)} are kept of one user`)
    }
  }

  /** Throws `AppError` (exhausted, DISK_FULL) when so many more bytes would pass the watermark. */
  async assertDisk(sizeBytes = 0): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder)
    if (bavail * bsize - sizeBytes < this.#limits.minFreeBytes) throw diskFull()
  }
}

function quotaExceeded(message: string): AppError {
  return new AppError('exhausted', 'QUOTA_EXCEEDED', message)
}

// Limits are whole MiB where people meet them.
function sizeText(bytes: number): string {
  const mib = bytes / 2 ** 20
  return mib < 1 ? `${bytes} bytes` : `${Number(mib.toFixed(1))} MiB`
}
