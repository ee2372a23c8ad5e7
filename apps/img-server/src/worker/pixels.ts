import sharp from 'sharp'
import type { Sharp } from 'sharp'

/** A still picture, decoded: rows of pixels, eight bits a channel. */
export interface Pixels {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly channels: number
  /** A fresh pipeline over them. */
  readonly open: () => Sharp
}

/** Runs a pipeline to its pixels. */
export async function decoded(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const raw = { width, height, channels }
  return { data, width, height, channels, open: () => sharp(data, { raw }) }
}
