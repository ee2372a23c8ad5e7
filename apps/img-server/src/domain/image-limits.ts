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
