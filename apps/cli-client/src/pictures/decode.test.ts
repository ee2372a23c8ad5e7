import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import { expect, test } from 'vitest'
import { decodedFile, placeholder } from './decode.ts'

const size = { width: 4, height: 6 }
const red = { create: { width: 20, height: 30, channels: 3, background: '#f00' } } as const

async function written(bytes: Buffer): Promise<string> {
  const path = join(await tempFolder(), 'preview')
  await writeFile(path, bytes)
  return path
}

test.each(['webp', 'jpeg'] as const)('%s becomes pixels of the wanted size', async (format) => {
  const path = await written(await sharp(red).toFormat(format).toBuffer())
  const { rgb, ...rest } = await decodedFile(path, size)
  expect(rest).toEqual(size)
  expect(rgb).toHaveLength(4 * 6 * 3)
  const [first = 0, second = 0, third = 0] = rgb
  expect(first > 250 && second < 5 && third < 5).toBe(true)
})

test('what is see-through shows black, and grey has three colours', async () => {
  const clear = {
    ...red.create,
    channels: 4,
    background: { r: 255, g: 0, b: 0, alpha: 0 },
  } as const
  const path = await written(await sharp({ create: clear }).webp({ lossless: true }).toBuffer())
  expect([...(await decodedFile(path, size)).rgb].every((value) => value === 0)).toBe(true)
  const grey = await written(await sharp(red).greyscale().jpeg().toBuffer())
  expect((await decodedFile(grey, size)).rgb).toHaveLength(4 * 6 * 3)
})

test.each([
  ['PNG', () => sharp(red).png().toBuffer()],
  ['SVG', () => Promise.resolve(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))],
  ['nothing', () => Promise.resolve(Buffer.alloc(0))],
  [
    'a picture of too many pixels',
    () =>
      sharp({ create: { ...red.create, width: 2_100, height: 2_000 } })
        .webp()
        .toBuffer(),
  ],
  ['half a picture', async () => (await sharp(red).webp().toBuffer()).subarray(0, 50)],
])('%s is refused', async (_note, bytes) => {
  const path = await written(await bytes())
  await expect(decodedFile(path, size)).rejects.toMatchObject({ reason: 'PICTURE_BROKEN' })
})

test('a thumbhash is a picture of its own, and what is none is nothing', async () => {
  const rgba = Uint8Array.from({ length: 8 * 8 * 4 }, (_, at) => [0, 0, 255, 255][at % 4] ?? 0)
  const seen = await placeholder(rgbaToThumbHash(8, 8, rgba), size)
  const [, , blue = 0] = seen?.rgb ?? []
  expect(blue).toBeGreaterThan(200)
  for (const hash of [new Uint8Array(0), new Uint8Array(3), new Uint8Array(999)]) {
    expect(await placeholder(hash, size)).toBeUndefined()
  }
})
