import type { Rate } from '@parley/service-kit'

/** Every bound of one upload store. */
export interface UploadLimits {
  /** Largest upload; a bigger one is refused at creation (413). */
  readonly maxUploadBytes: number
  /** Sum of a user's stored files and announced uploads (507). */
  readonly maxUserBytes: number
  /** Stored files of one user (507). */
  readonly maxUserFiles: number
  /** Unfinished uploads of one user (429). */
  readonly maxUserUploads: number
  /** Uploads of one user that are being received or finished at once (429). */
  readonly maxUserActive: number
  /** Bodies being received at once, over all users (503). */
  readonly maxActiveAppends: number
  /** Free space that must remain on the disk (507). */
  readonly minFreeBytes: number
  /** Age at which an upload that is not finished is forgotten. */
  readonly uploadLifeMs: number
  /** How long a file that nobody holds is kept. */
  readonly unheldLifeMs: number
}

const mebibyte = 1 << 20

/** The bounds unless an app says otherwise. */
export const defaultUploadLimits: UploadLimits = {
  maxUploadBytes: 2048 * mebibyte,
  maxUserBytes: 10_240 * mebibyte,
  maxUserFiles: 50_000,
  maxUserUploads: 32,
  maxUserActive: 8,
  maxActiveAppends: 64,
  minFreeBytes: 256 * mebibyte,
  uploadLifeMs: 24 * 3_600_000,
  unheldLifeMs: 7 * 24 * 3_600_000,
}

/** How often one user may begin an upload (429): each is a row on disk, however small. */
export const creationRate: Rate = { perSecond: 20, burst: 200 }
