import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { tinyFramesGif } from './gif.ts'
import { photograph, scene } from './pictures.ts'
import { blackPng, pngChunk } from './png.ts'

/** An image that somebody might send to do harm, and what must become of it. */
export interface HostileImage {
  readonly name: string
  readonly make: () => Buffer | Promise<Buffer>
  /** The reason of its refusal, or that it is made into clean pictures. */
  readonly outcome: 'made' | `IMAGE_${string}`
}

/** What no picture that is served may contain. */
export const payload = 'SecretPayload'

const mebibyte = 1024 * 1024
const broken = 'IMAGE_BROKEN'
const tooLarge = 'IMAGE_TOO_MANY_PIXELS'

const bombs: readonly HostileImage[] = [
  { name: 'a PNG of 50 megapixels', make: () => blackPng(10_000, 5_000), outcome: tooLarge },
  { name: 'a PNG that says it has 3.6 gigapixels', make: hugeHeader, outcome: tooLarge },
  // libnsgif takes the size of the first frame for that of such a screen.
  {
    name: 'a GIF of a screen of 4 gigapixels',
    make: () => tinyFramesGif(65_535, 65_535, 1),
    outcome: 'made',
  },
  {
    name: 'a GIF of 100 full screens',
    make: () => tinyFramesGif(801, 601, 100),
    outcome: tooLarge,
  },
  {
    name: 'a GIF of 20,000 frames',
    make: () => tinyFramesGif(2, 2, 20_000),
    outcome: 'IMAGE_TOO_MANY_FRAMES',
  },
  { name: 'a JPEG that says it is 65,500 wide and high', make: hugeJpeg, outcome: tooLarge },
  { name: 'a JPEG of 500 more scans', make: manyScans, outcome: 'made' },
  { name: 'a PNG whose colour profile unpacks to 64 MiB', make: profileBomb, outcome: 'made' },
  { name: 'a PNG with ten texts that unpack to 64 MiB each', make: textBombs, outcome: 'made' },
  { name: 'a PNG of 100,000 chunks', make: manyChunks, outcome: 'made' },
  { name: 'a JPEG with 12 MiB of colour profile', make: largeProfile, outcome: 'made' },
]

const damaged: readonly HostileImage[] = [
  { name: 'a PNG of no width', make: () => blackPng(0, 9), outcome: broken },
  { name: 'a PNG with a wrong checksum', make: wrongChecksum, outcome: broken },
  { name: 'a PNG cut in the middle', make: async () => half(await plain('png')), outcome: broken },
  {
    name: 'a JPEG cut in the middle',
    make: async () => half(await plain('jpeg')),
    outcome: broken,
  },
  {
    name: 'a WebP cut in the middle',
    make: async () => half(await plain('webp')),
    outcome: broken,
  },
  { name: 'a GIF cut in the middle', make: async () => half(await plain('gif')), outcome: broken },
  {
    name: 'an AVIF cut in the middle',
    make: async () => half(await plain('avif')),
    outcome: broken,
  },
  { name: 'a GIF without a frame', make: () => tinyFramesGif(9, 9, 0), outcome: broken },
  { name: 'an AVIF that is only its first box', make: emptyAvif, outcome: broken },
]

const polyglots: readonly HostileImage[] = [
  {
    name: 'a JPEG that is also a ZIP',
    make: async () => tailed('jpeg', 'PK\x03\x04'),
    outcome: 'made',
  },
  {
    name: 'a PNG that is also a page',
    make: async () => tailed('png', '<script>'),
    outcome: 'made',
  },
  {
    name: 'a GIF that is also a script',
    make: async () => tailed('gif', '*/=1;'),
    outcome: 'made',
  },
  {
    name: 'a WebP that is also a PDF',
    make: async () => tailed('webp', '%PDF-1.4'),
    outcome: 'made',
  },
  {
    name: 'a page that says it is a PNG',
    make: () => text('<html>'),
    outcome: 'IMAGE_FORMAT_UNSUPPORTED',
  },
]

const tagged: readonly HostileImage[] = [
  {
    name: 'a JPEG with a place in EXIF and XMP',
    make: () => photograph(320, 240),
    outcome: 'made',
  },
  { name: 'a PNG with a place', make: () => withTags('png'), outcome: 'made' },
  { name: 'a WebP with a place', make: () => withTags('webp'), outcome: 'made' },
  { name: 'an AVIF with a place', make: () => withTags('avif'), outcome: 'made' },
  { name: 'a JPEG with IPTC and a comment', make: commented, outcome: 'made' },
  { name: 'a PNG with texts of three kinds', make: texts, outcome: 'made' },
  {
    name: 'a GIF with a comment',
    make: async () => gifComment(await plain('gif')),
    outcome: 'made',
  },
]

/** Made images of every kind of harm that we know; none is large. */
export const hostileImages: readonly HostileImage[] = [
  ...bombs,
  ...damaged,
  ...polyglots,
  ...tagged,
]

function plain(format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif'): Promise<Buffer> {
  return scene(160, 120).toFormat(format, { effort: 1 }).toBuffer()
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2)
}

function text(words: string): Buffer {
  return Buffer.from(`${words} ${payload}`, 'latin1')
}

async function tailed(format: 'jpeg' | 'png' | 'webp' | 'gif', magic: string): Promise<Buffer> {
  return Buffer.concat([await plain(format), text(magic), Buffer.alloc(99)])
}

async function withTags(format: 'png' | 'webp' | 'avif'): Promise<Buffer> {
  const exif = {
    IFD0: { Copyright: payload },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '9/1 1/1 0/1' },
  }
  const tags = scene(160, 120).withExif(exif).withXmp(`<x:xmpmeta>${payload}</x:xmpmeta>`)
  return await tags.toFormat(format, { effort: 1 }).toBuffer()
}

function hugeHeader(): Buffer {
  const png = blackPng(8, 8)
  const header = Buffer.from(png.subarray(16, 29))
  header.writeUInt32BE(60_000, 0)
  header.writeUInt32BE(60_000, 4)
  return Buffer.concat([png.subarray(0, 8), pngChunk('IHDR', header), png.subarray(33)])
}

async function hugeJpeg(): Promise<Buffer> {
  const bytes = Buffer.from(await plain('jpeg'))
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
  bytes.writeUInt16BE(65_500, frame + 5)
  bytes.writeUInt16BE(65_500, frame + 7)
  return bytes
}

// Each scan costs a walk over all coefficients, however few bytes it has.
async function manyScans(): Promise<Buffer> {
  const bytes = await sharp({
    create: { width: 1000, height: 1000, channels: 3, background: '#777' },
  })
    .jpeg({ progressive: true, optimiseScans: true })
    .toBuffer()
  const last = bytes.lastIndexOf(Buffer.from([0xff, 0xda]))
  const scan = bytes.subarray(last, bytes.length - 2)
  const more = Array.from({ length: 500 }, () => scan)
  return Buffer.concat([bytes.subarray(0, -2), ...more, bytes.subarray(-2)])
}

function profileBomb(): Buffer {
  const packed = deflateSync(Buffer.alloc(64 * mebibyte))
  return blackPng(40, 30, [pngChunk('iCCP', Buffer.concat([Buffer.from('p\0\0'), packed]))])
}

function textBombs(): Buffer {
  const packed = deflateSync(Buffer.alloc(64 * mebibyte, 'x'))
  const chunk = pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), packed]))
  return blackPng(
    40,
    30,
    Array.from({ length: 10 }, () => chunk),
  )
}

function manyChunks(): Buffer {
  const chunk = pngChunk('tEXt', Buffer.from(`Comment\0${payload}`))
  return blackPng(
    40,
    30,
    Array.from({ length: 100_000 }, () => chunk),
  )
}

async function largeProfile(): Promise<Buffer> {
  const parts = Array.from({ length: 190 }, (_, index) => {
    const head = Buffer.from(`ICC_PROFILE\0${String.fromCharCode(index + 1, 190)}`, 'latin1')
    return jpegSegment(0xe2, Buffer.concat([head, Buffer.alloc(65_000, 7)]))
  })
  return withSegments(await plain('jpeg'), parts)
}

async function commented(): Promise<Buffer> {
  const record = Buffer.from(`\x1c\x02\x50\0\x0d${payload}`, 'latin1')
  const head = Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x12', 'latin1')
  const iptc = jpegSegment(0xed, Buffer.concat([head, record]))
  return withSegments(await plain('jpeg'), [iptc, jpegSegment(0xfe, Buffer.from(payload))])
}

function jpegSegment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

function withSegments(jpeg: Buffer, segments: readonly Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

function texts(): Buffer {
  const packed = deflateSync(Buffer.from(payload))
  return blackPng(40, 30, [
    pngChunk('tEXt', Buffer.from(`Author\0${payload}`)),
    pngChunk('zTXt', Buffer.concat([Buffer.from('Copyright\0\0'), packed])),
    pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>${payload}</x:xmpmeta>`)),
  ])
}

function gifComment(gif: Buffer): Buffer {
  const words = Buffer.from(payload)
  const comment = Buffer.concat([Buffer.from([0x21, 0xfe, words.length]), words, Buffer.from([0])])
  const end = gif.lastIndexOf(0x3b)
  return Buffer.concat([gif.subarray(0, end), comment, gif.subarray(end)])
}

function wrongChecksum(): Buffer {
  const png = Buffer.from(blackPng(40, 30))
  png[29] = (png[29] ?? 0) ^ 0xff
  return png
}

function emptyAvif(): Buffer {
  return Buffer.from('\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf', 'latin1')
}
