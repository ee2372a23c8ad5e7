import sharp from 'sharp'

// By their libvips class names. Heif is AVIF here: this build of libheif holds no HEVC decoder.
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}`)

/**
 * Leaves this process only the decoders of the formats we take: no SVG, PDF, TIFF, RAW or
 * ImageMagick, whatever an upload pretends to be. One thread an image, nothing cached.
 */
export function restrictDecoders(): void {
  sharp.concurrency(1)
  sharp.cache(false)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders })
}
