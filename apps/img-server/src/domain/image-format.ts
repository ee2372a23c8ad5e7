/** The formats we take, as sharp names them. */
export const acceptedFormats = ['jpeg', 'png', 'webp', 'gif', 'avif'] as const

/** A format we take. */
export type ImageFormat = (typeof acceptedFormats)[number]

/** What the first bytes of an upload say it is. */
export type Sniffed =
  | { readonly accepted: true; readonly format: ImageFormat }
  /** `name` is what it seems to be, for the refusal's words. */
  | { readonly accepted: false; readonly name: string }

/** How many bytes from the start `sniffFormat` looks at. */
export const sniffedBytes = 256

/** Words for people: the formats we take. */
export const acceptedFormatsText = 'JPEG, PNG, WebP, GIF and AVIF'

/** Says by content alone, never by name or declared type, what an upload is. */
export function sniffFormat(head: Uint8Array): Sniffed {
  const text = Buffer.from(head.subarray(0, sniffedBytes)).toString('latin1')
  const format = magics.find(([, magic]) => magic.test(text))?.[0] ?? avifOf(text)
  if (format !== undefined) return { accepted: true, format }
  return { accepted: false, name: refused.find(([, magic]) => magic.test(text))?.[0] ?? 'unknown' }
}

const magics: readonly (readonly [ImageFormat, RegExp])[] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n\x1a\n/],
  ['gif', /^GIF8[79]a/],
  ['webp', /^RIFF[^]{4}WEBPVP8[ LX]/],
]

// ISO 14496-12: size, `ftyp`, major brand, minor version, compatible brands. `mif1` alone says
// only "an image in this container", so the codec's own brand decides.
function avifOf(text: string): ImageFormat | undefined {
  if (text.slice(4, 8) !== 'ftyp') return undefined
  const brands = brandsOf(text)
  return brands.includes('avif') || brands.includes('avis') ? 'avif' : undefined
}

function brandsOf(text: string): string[] {
  const boxBytes = Math.min(Buffer.from(text.slice(0, 4), 'latin1').readUInt32BE(), text.length)
  const brands = [text.slice(8, 12)]
  for (let at = 16; at + 4 <= boxBytes; at += 4) brands.push(text.slice(at, at + 4))
  return brands
}

const refused: readonly (readonly [string, RegExp])[] = [
  ['HEIC', /^[^]{4}ftyp(hei|hev|mif1|msf1)/],
  ['SVG', /^(\xef\xbb\xbf)?\s*<(\?xml|svg|!DOCTYPE svg|!--)/i],
  ['JPEG XL', /^(\xff\x0a|[^]{4}JXL )/],
  ['TIFF', /^(II\*\0|MM\0\*)/],
  ['BMP', /^BM/],
  ['PDF', /^%PDF-/],
  ['ZIP', /^PK\x03\x04/],
  ['video', /^([^]{4}ftyp|\x1aE\xdf\xa3)/],
]
