import { AppError } from '@parley/errors'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { thumbHashToRGBA } from 'thumbhash'
import type { Pixels, Size } from './pixels.ts'

const maxPixels = 4_194_304

// What a server calls a picture may be anything: only the decoders of what image servers write are used.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: ['VipsForeignLoadJpegFile', 'VipsForeignLoadWebpFile'] })
sharp.cache(false)

/** A WebP or JPEG file as pixels of exactly that size; throws (corrupt, PICTURE_BROKEN) for one that is broken or too large. */
export function decodedFile(path: string, size: Size): Promise<Pixels> {
  const picture = sharp(path, { limitInputPixels: maxPixels, failOn: 'error' })
  return resized(picture, size).catch((cause: unknown) => {
    const message = 'what the server sent is no picture that can be shown'
    throw new AppError('corrupt', 'PICTURE_BROKEN', message, { cause })
  })
}

/** The placeholder that a thumbhash stands for, in that size; undefined where it is none. */
export async function placeholder(hash: Uint8Array, size: Size): Promise<Pixels | undefined> {
  if (hash.length < 5 || hash.length > 32) return undefined
  try {
    const { w, h, rgba } = thumbHashToRGBA(hash)
    return await resized(sharp(rgba, { raw: { width: w, height: h, channels: 4 } }), size)
  } catch {
    return undefined
  }
}

async function resized(picture: Sharp, { width, height }: Size): Promise<Pixels> {
  const rgb = await picture
    .autoOrient()
    .resize(width, height, { fit: 'fill' })
    .flatten({ background: '#000' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (rgb.info.channels !== 3) throw new Error(`a picture of ${rgb.info.channels} channels`)
  return { width, height, rgb: rgb.data }
}
