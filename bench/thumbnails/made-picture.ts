import sharp from 'sharp'

/** The formats in which pictures come. */
export const inputFormats = ['jpeg', 'png', 'webp'] as const

/** A format in which pictures come. */
export type InputFormat = (typeof inputFormats)[number]

// Detail at every scale, the finest the weakest, as in a photograph: grains across, and how strong.
const octaves = [
  [8, 0.55],
  [40, 0.45],
  [200, 0.35],
  [1_000, 0.18],
  [4_000, 0.05],
] as const

/** A made picture that is about as hard to encode and decode as a photograph of that size. */
export async function madePicture(width: number, height: number): Promise<Buffer> {
  const layers = await Promise.all(
    octaves.map(([grains, share]) => octave(width, height, Math.min(grains, width), share)),
  )
  const [coarsest, ...finer] = layers
  const composed = sharp(coarsest).composite(finer.map((input) => ({ input })))
  return await composed.removeAlpha().png({ compressionLevel: 0 }).toBuffer()
}

/** The picture in one of the formats, as cameras and programs store it. */
export async function encodedAs(picture: Buffer, format: InputFormat): Promise<Buffer> {
  const pipeline = sharp(picture)
  if (format === 'jpeg') return await pipeline.jpeg({ quality: 90 }).toBuffer()
  if (format === 'png') return await pipeline.png({ compressionLevel: 6 }).toBuffer()
  return await pipeline.webp({ quality: 85, effort: 2 }).toBuffer()
}

async function octave(
  width: number,
  height: number,
  grains: number,
  share: number,
): Promise<Buffer> {
  const size = { width: grains, height: Math.max(1, Math.round((grains * height) / width)) }
  const noise = { type: 'gaussian', mean: 128, sigma: 70 } as const
  return await sharp({ create: { ...size, channels: 3, background: '#888', noise } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .ensureAlpha(share)
    .png({ compressionLevel: 0 })
    .toBuffer()
}
