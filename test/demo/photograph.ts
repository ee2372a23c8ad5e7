import { readFile } from 'node:fs/promises'
import sharp from 'sharp'

/** Where the photograph says it was taken: Greenwich, as EXIF writes it. */
const gps = {
  GPSVersionID: '2 3 0 0',
  GPSLatitudeRef: 'N',
  GPSLatitude: '51/1 28/1 4012/100',
  GPSLongitudeRef: 'W',
  GPSLongitude: '0/1 0/1 531/100',
}

/** Writes a JPEG of 12 megapixels as a camera would, lying on its side and with GPS in its EXIF. */
export async function takePhotograph(path: string): Promise<void> {
  const noise = { type: 'gaussian', mean: 140, sigma: 40 } as const
  const grain = { width: 500, height: 375, channels: 3, noise, background: '#000' } as const
  const small = await sharp({ create: grain }).blur(4).png().toBuffer()
  await sharp(small)
    .resize(4000, 3000, { kernel: 'cubic' })
    .modulate({ saturation: 3 })
    .withExif({ IFD0: { Make: 'Parley', Model: 'Demo' }, IFD3: gps })
    // Taken upright: the sensor's rows are the picture's columns.
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 90 })
    .toFile(path)
}

/** What a picture tells besides its pixels. */
export interface Disclosure {
  readonly width: number
  readonly height: number
  readonly hasExif: boolean
  /** The bytes by which EXIF writes the latitude are somewhere in the file. */
  readonly hasLatitude: boolean
}

/** Looks into a picture with two pairs of eyes: the decoder's, and a search through all bytes. */
export async function disclosureOf(path: string): Promise<Disclosure> {
  const { width, height, exif, xmp, iptc } = await sharp(path).metadata()
  const bytes = await readFile(path)
  return {
    width,
    height,
    hasExif: exif !== undefined || xmp !== undefined || iptc !== undefined,
    hasLatitude: latitudes().some((latitude) => bytes.includes(latitude)),
  }
}

// Three rationals of two 32-bit numbers, in either byte order.
function latitudes(): Buffer[] {
  const numbers = gps.GPSLatitude.split(/[ /]/).map(Number)
  const [little, big] = [Buffer.alloc(24), Buffer.alloc(24)]
  numbers.forEach((number, i) => {
    little.writeUInt32LE(number, i * 4)
    big.writeUInt32BE(number, i * 4)
  })
  return [little, big]
}
