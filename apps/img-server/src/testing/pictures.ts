import sharp from 'sharp'
import type { Sharp } from 'sharp'

const gps = { GPSLatitudeRef: 'N', GPSLatitude: '31/1 14/1 0/1', GPSLongitudeRef: 'E' }

/** A colourful picture with soft shapes, as cameras make them: it does not compress to nothing. */
export function scene(width: number, height: number): Sharp {
  const noise = { type: 'gaussian', mean: 120, sigma: 60 } as const
  // Stretched, because noise is dear: tests make many of these.
  const small = { width: Math.ceil(width / 4), height: Math.ceil(height / 4) }
  return sharp({ create: { ...small, channels: 3, background: '#888', noise } }).resize({
    width,
    height,
    fit: 'fill',
    kernel: 'cubic',
  })
}

/** A photograph as a telephone stores it: EXIF with a place, a maker, and "turn me by 90 degrees". */
export function photograph(width: number, height: number): Promise<Buffer> {
  const exif = { IFD0: { Make: 'SecretMaker', Copyright: 'SecretOwner' }, IFD3: gps }
  return scene(width, height)
    .withExif(exif)
    .withMetadata({ orientation: 6 })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">SecretPlace</x:xmpmeta>')
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** Sharp edges, two colours, much of the same: what a screenshot is. */
export function screenshot(width: number, height: number): Promise<Buffer> {
  const lines = Array.from({ length: 40 }, (_, line) => {
    return `<rect x="20" y="${line * 20}" width="${(line * 97) % width}" height="9" fill="#123"/>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#fff"/>${lines.join('')}</svg>`
  return sharp(Buffer.from(svg)).removeAlpha().png().toBuffer()
}

/** A moving picture of that many different frames. */
export async function animation(width: number, height: number, frames: number): Promise<Buffer> {
  const pages = Array.from({ length: frames }, (_, index) => {
    const background = { r: (index * 40) % 256, g: (index * 90) % 256, b: 200 }
    return sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer()
  })
  return sharp(await Promise.all(pages), { join: { animated: true } })
    .gif({ delay: Array.from({ length: frames }, () => 80), loop: 0 })
    .toBuffer()
}
