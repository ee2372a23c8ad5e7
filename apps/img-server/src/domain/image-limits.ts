/** What one uploaded image may cost; beyond these it is refused, never shrunk to fit. */
export interface ImageLimits {
  readonly maxBytes: number
  /** Width times height, summed over the frames of an animation. */
  readonly maxPixels: number
  readonly maxFrames: number
}

/** The limits of security.md: 64 MiB, 40 megapixels, and frames that a few seconds can encode. */
export const imageLimits: ImageLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxPixels: 40_000_000,
  maxFrames: 128,
}

/**
 * How much of other types of variants is kept, and how many are made at once or wait
 * for it, and how many that could not be made are remembered for how long.
 */
export const representationLimits = {
  maxBytes: 512 * 1024 * 1024,
  maxCount: 4_096,
  maxMaking: 32,
  maxFailures: 4_096,
  failureLifeMs: 5 * 60_000,
} as const
