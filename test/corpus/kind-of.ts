import path from 'node:path'
import { sniffFormat } from '../../apps/img-server/src/domain/image-format.ts'

/** What an image seems to be, and whether the image server takes such. */
export interface Kind {
  readonly name: string
  readonly isTaken: boolean
}

const endings = new Set(
  [
    'jpg jpeg jpe jfif png apng mng jng gif webp avif avifs heic heif hif jxl svg svgz bmp dib',
    'tif tiff ico cur psd xcf tga pcx pnm ppm pgm pbm pam xpm xbm jp2 j2k jpc jpf exr hdr dds icns',
  ]
    .join(' ')
    .split(' '),
)

/** By its first bytes or else by its name; undefined for what is no image in either way. */
export function kindOf(file: string, head: Uint8Array): Kind | undefined {
  const sniffed = sniffFormat(head)
  if (sniffed.accepted) return { name: sniffed.format, isTaken: true }
  if (pictures.has(sniffed.name)) return { name: sniffed.name, isTaken: false }
  const ending = path.extname(file).slice(1).toLowerCase()
  return endings.has(ending) ? { name: `named .${ending}`, isTaken: false } : undefined
}

const pictures = new Set(['HEIC', 'SVG', 'JPEG XL', 'TIFF', 'BMP'])
