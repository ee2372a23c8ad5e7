import { crc32 } from 'node:zlib'
import { seededRandom } from '@parley/testkit'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { mutate } from './mutate.ts'

const create = { width: 64, height: 48, channels: 3, background: '#369' } as const
const turns = Array.from({ length: 300 }, (_, index) => index)

test('the same seed gives the same bytes, another gives others, and the image stays as it is', async () => {
  const image = await sharp({ create }).jpeg().toBuffer()
  const before = Buffer.from(image)
  const all = turns.map((seed) => mutate(image, seededRandom(seed)))
  expect(turns.map((seed) => mutate(image, seededRandom(seed)))).toEqual(all)
  expect(new Set(all.map(({ bytes }) => bytes.toString('hex'))).size).toBeGreaterThan(280)
  expect(image.equals(before)).toBe(true)
})

test('every way is taken, and none lets an image grow without bound', async () => {
  const image = await sharp({ create }).webp().toBuffer()
  const all = turns.map((seed) => mutate(image, seededRandom(seed)))
  const ways = new Set(all.flatMap(({ how }) => how.split(' ')))
  expect([...ways].toSorted()).toEqual(
    ['copy', 'cut', 'extreme', 'overwrite', 'remove', 'repeat', 'turn'].toSorted(),
  )
  const longest = Math.max(...all.map(({ bytes }) => bytes.length))
  expect(longest).toBeLessThan(image.length * 3)
})

test('most PNGs have right checksums again, so that they are looked into', async () => {
  const image = await sharp({ create }).png().toBuffer()
  const all = turns.map((seed) => mutate(image, seededRandom(seed)))
  const mended = all.filter(({ how }) => how.endsWith('mended'))
  expect(mended.length).toBeGreaterThan(150)
  expect(mended.flatMap(({ bytes }) => wrongChecksums(bytes))).toEqual([])
  expect(all.flatMap(({ bytes }) => wrongChecksums(bytes)).length).toBeGreaterThan(0)
})

test('even an image of one byte can be turned', () => {
  const all = turns.map((seed) => mutate(Buffer.of(0xff), seededRandom(seed)))
  expect(all.every(({ bytes }) => bytes.length <= 8)).toBe(true)
})

/** Types of whole chunks whose checksum is not that of their bytes. */
function wrongChecksums(png: Buffer): string[] {
  const wrong = []
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 8 + png.readUInt32BE(at)
    if (end + 4 > png.length) break
    const right = crc32(png.subarray(at + 4, end))
    if (png.readUInt32BE(end) !== right) wrong.push(png.toString('latin1', at + 4, at + 8))
    at = end + 4
  }
  return wrong
}
