import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { ImageFormat } from '../domain/image-format.ts'
import { variantNames } from '../domain/variant.ts'
import type { VariantName } from '../domain/variant.ts'
import { animation, photograph, scene, screenshot } from '../testing/pictures.ts'
import { tinyFramesGif } from '../testing/gif.ts'
import { blackPng } from '../testing/png.ts'
import type { WantedPicture, WorkerDone, WrittenPicture } from './protocol.ts'
import { reencode } from './reencode.ts'

interface Made {
  readonly done: WorkerDone
  readonly pictures: Record<VariantName, Omit<WrittenPicture, 'variant'>>
  readonly bytes: Record<VariantName, Buffer>
}

const ladder = variantNames.map((variant) => ({ variant, type: 'best' }) as const)

async function make(
  format: ImageFormat,
  upload: Buffer,
  wanted: readonly WantedPicture[] = ladder,
): Promise<Made> {
  const folder = join(await tempFolder(), 'out')
  await mkdir(folder)
  const input = join(folder, '..', 'input')
  await writeFile(input, upload)
  const limits = { maxPixels: 40_000_000, maxFrames: 128 }
  const asked = { kind: 'job', id: 1, input, folder, format, ...limits } as const
  const done = await reencode({ ...asked, wanted: [...wanted], thumbhash: true })
  const files = done.written.map(async ({ variant }) => {
    return [variant, await readFile(join(folder, variant))]
  })
  const pictures = done.written.map(({ variant, ...picture }) => [variant, picture])
  const bytes = Object.fromEntries(await Promise.all(files))
  return { done, pictures: Object.fromEntries(pictures), bytes }
}

// None so short that pixels may spell it by chance.
const marks = [
  'Exif',
  'GPSLatitude',
  'Secret',
  'xmpmeta',
  'http://ns.adobe.com',
  'ICC_PROFILE',
  'eXIf',
  'XMP ',
]

describe('re-encoding', () => {
  test('turns a photograph upright and leaves its place, maker and owner behind', async () => {
    const upload = await photograph(1600, 1200)
    expect((await sharp(upload).metadata()).exif?.includes('SecretMaker')).toBe(true)
    const { pictures, bytes } = await make('jpeg', upload)
    expect(pictures).toEqual({
      thumb: { type: 'image/webp', width: 192, height: 256 },
      preview: { type: 'image/webp', width: 768, height: 1024 },
      full: { type: 'image/jpeg', width: 1200, height: 1600 },
    })
    for (const name of variantNames) {
      const { exif, xmp, iptc, icc, orientation } = await sharp(bytes[name]).metadata()
      expect({ exif, xmp, iptc, icc, orientation }).toEqual({})
      expect(marks.filter((mark) => bytes[name].includes(mark))).toEqual([])
    }
  })

  test('applies the orientation to the pixels, not only to the size', async () => {
    // Left half red, right half blue; orientation 6 says "turn right", so red ends on top.
    const blue = await sharp({
      create: { width: 300, height: 400, channels: 3, background: '#00f' },
    })
      .png()
      .toBuffer()
    const upload = await sharp({
      create: { width: 600, height: 400, channels: 3, background: '#f00' },
    })
      .composite([{ input: blue, left: 300, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const { bytes } = await make('jpeg', upload)
    for (const name of variantNames) {
      const { data, info } = await sharp(bytes[name]).raw().toBuffer({ resolveWithObject: true })
      const last = (info.width * info.height - 1) * info.channels
      expect(data[0]).toBeGreaterThan(200)
      expect(data[last + 2]).toBeGreaterThan(200)
    }
  })

  test('keeps a screenshot exact and a photograph stored as PNG small', async () => {
    const drawn = await screenshot(1200, 800)
    const exact = await make('png', drawn)
    expect(exact.pictures.full.type).toBe('image/png')
    expect(await sharp(exact.bytes.full).raw().toBuffer()).toEqual(
      await sharp(drawn).raw().toBuffer(),
    )
    const photo = await make('png', await scene(1200, 800).png().toBuffer())
    expect(photo.pictures.full.type).toBe('image/jpeg')
  })

  test('keeps transparency in every variant', async () => {
    const background = { r: 10, g: 200, b: 30, alpha: 0.25 }
    const upload = await sharp({ create: { width: 500, height: 300, channels: 4, background } })
      .png()
      .toBuffer()
    const { bytes } = await make('png', upload)
    for (const name of variantNames) {
      expect((await sharp(bytes[name]).stats()).isOpaque).toBe(false)
    }
  })

  test.each([
    ['webp', () => scene(900, 600).webp().toBuffer()],
    ['avif', () => scene(900, 600).avif({ effort: 0 }).toBuffer()],
    ['gif', () => scene(900, 600).gif({ effort: 1, colours: 8 }).toBuffer()],
    ['jpeg', () => scene(900, 600).toColourspace('cmyk').jpeg().toBuffer()],
    ['png', () => scene(900, 600).toColourspace('rgb16').png().toBuffer()],
    ['png', () => scene(900, 600).greyscale().png().toBuffer()],
  ] as const)('takes %s and serves eight bits of sRGB or grey', async (format, upload) => {
    const { pictures, bytes } = await make(format, await upload())
    expect(pictures.preview).toMatchObject({ width: 900, height: 600 })
    for (const name of variantNames) {
      const { depth, space } = await sharp(bytes[name]).metadata()
      expect(depth).toBe('uchar')
      expect(['srgb', 'b-w']).toContain(space)
    }
  })

  test('does not enlarge a small picture', async () => {
    const { done } = await make('png', await scene(1, 1).png().toBuffer())
    expect(done.written.map(({ width, height }) => [width, height])).toEqual(
      variantNames.map(() => [1, 1]),
    )
  })

  test('keeps an animation moving, and its thumb still', async () => {
    const { done, pictures, bytes } = await make('gif', await animation(300, 200, 12))
    expect(done.frames).toBe(12)
    expect(pictures.full).toEqual({ type: 'image/webp', width: 300, height: 200 })
    expect((await sharp(bytes.full).metadata()).pages).toBe(12)
    expect((await sharp(bytes.full).metadata()).delay?.[3]).toBe(80)
    expect((await sharp(bytes.thumb).metadata()).pages ?? 1).toBe(1)
  })

  test('keeps an animated WebP moving, and shows its first frame where nothing may move', async () => {
    const gif = await animation(60, 40, 5)
    const upload = await sharp(gif, { animated: true }).webp({ effort: 0 }).toBuffer()
    const wanted = [
      { variant: 'preview', type: 'best' },
      { variant: 'full', type: 'image/jpeg' },
    ] as const
    const { bytes } = await make('webp', upload, wanted)
    expect((await sharp(bytes.preview).metadata()).pages).toBe(5)
    expect((await sharp(bytes.full).metadata()).format).toBe('jpeg')
    expect((await sharp(bytes.full).raw().toBuffer())[2]).toBeGreaterThan(180)
  })

  test('converts colours from the profile they were made for', async () => {
    const create = { width: 300, height: 200, channels: 3, background: '#f00' } as const
    const upload = await sharp({ create }).withIccProfile('p3').png().toBuffer()
    // In Display P3 the red of sRGB is another number: unconverted it would look pale.
    const ignoring = sharp(upload, { ignoreIcc: true })
    expect((await ignoring.raw().toBuffer())[1]).toBeGreaterThan(40)
    const { bytes } = await make('png', upload)
    for (const name of variantNames) {
      const [red = 0, green = 255] = await sharp(bytes[name]).removeAlpha().raw().toBuffer()
      expect(red).toBeGreaterThan(245)
      expect(green).toBeLessThan(12)
    }
  })

  test('a picture that is also a ZIP loses its tail', async () => {
    const tail = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      Buffer.from('payload.sh'),
      Buffer.alloc(99),
    ])
    const upload = Buffer.concat([await scene(640, 480).jpeg().toBuffer(), tail])
    const { bytes } = await make('jpeg', upload)
    for (const name of variantNames) expect(bytes[name].includes('payload.sh')).toBe(false)
  })

  test('gives a thumbhash of a picture', async () => {
    const { done } = await make('jpeg', await scene(640, 480).jpeg().toBuffer())
    expect(Buffer.from(done.thumbhash ?? '', 'base64url').length).toBeGreaterThan(8)
  })
})

describe('refusing', () => {
  test.each([
    ['cut in the middle', async () => half(await scene(800, 600).jpeg().toBuffer()), 'jpeg'],
    ['cut in the middle', async () => half(await scene(800, 600).png().toBuffer()), 'png'],
    ['cut in the middle', async () => half(await scene(800, 600).webp().toBuffer()), 'webp'],
    [
      'cut in the middle',
      async () => half(await scene(800, 600).avif({ effort: 0 }).toBuffer()),
      'avif',
    ],
    ['only a magic number', async () => Buffer.from('\xff\xd8\xff\xe0', 'latin1'), 'jpeg'],
    ['noise after the magic', async () => Buffer.from(`GIF89a${'x'.repeat(500)}`), 'gif'],
    [
      'an SVG said to be PNG',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'png',
    ],
  ] as const)('refuses a picture that is %s', async (_note, upload, format) => {
    await expect(make(format, await upload())).rejects.toThrow()
  })

  test('refuses 50 megapixels from the header in under a second', async () => {
    const upload = blackPng(10_000, 5_000)
    const before = process.cpuUsage()
    await expect(make('png', upload)).rejects.toMatchObject({
      reason: 'IMAGE_TOO_MANY_PIXELS',
      message: '50.0 megapixels, at most 40.0 are accepted',
    })
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(1_000_000)
  })

  test('refuses an animation of too many frames, or too many pixels over all frames', async () => {
    await expect(make('gif', tinyFramesGif(4, 4, 129))).rejects.toMatchObject({
      reason: 'IMAGE_TOO_MANY_FRAMES',
    })
    await expect(make('gif', tinyFramesGif(1000, 600, 67))).rejects.toMatchObject({
      reason: 'IMAGE_TOO_MANY_PIXELS',
    })
  })
})

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2)
}
