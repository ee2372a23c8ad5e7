import { inflateSync } from 'node:zlib'
import headless from '@xterm/headless'
import { expect, test } from 'vitest'
import { halfBlocks, paletteIndex } from './half-blocks.ts'
import { kittyPicture } from './kitty.ts'
import { fittingCells } from './pixels.ts'
import type { Pixels } from './pixels.ts'
import { sixelPicture } from './sixel.ts'

/** Every pixel another colour. */
function gradient(width: number, height: number): Pixels {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    return [(x * 255) / width, (y * 255) / height, 128][at % 3] ?? 0
  })
  return { width, height, rgb }
}

function colourOf({ width, rgb }: Pixels, x: number, y: number): number {
  const at = (y * width + x) * 3
  return Buffer.from(rgb).readUIntBE(at, 3)
}

async function screenOf(lines: readonly string[], columns: number) {
  const screen = new headless.Terminal({ cols: columns, rows: 10, allowProposedApi: true })
  await new Promise<void>((done) => screen.write(lines.join('\r\n'), done))
  return screen.buffer.active
}

test('a half block is two pixels of all colours', async () => {
  const pixels = gradient(7, 6)
  const buffer = await screenOf(halfBlocks(pixels, 'all'), 20)
  for (let y = 0; y < 6; y += 2) {
    for (let x = 0; x < 7; x += 1) {
      const cell = buffer.getLine(y / 2)?.getCell(x)
      expect(cell?.getChars()).toBe('▀')
      expect(cell?.getFgColor()).toBe(colourOf(pixels, x, y))
      expect(cell?.getBgColor()).toBe(colourOf(pixels, x, y + 1))
    }
  }
  expect(buffer.getLine(0)?.getCell(7)?.getChars()).toBe('')
})

test('of an odd number of rows the last has the ground below', async () => {
  const buffer = await screenOf(halfBlocks(gradient(3, 3), '256'), 20)
  const cell = buffer.getLine(1)?.getCell(1)
  expect(cell?.isFgPalette()).toBeTruthy()
  expect(cell?.isBgDefault()).toBe(true)
})

test.each([
  [0, 0, 0, 16],
  [255, 255, 255, 231],
  [255, 0, 0, 196],
  [128, 128, 128, 244],
  [95, 135, 175, 67],
])('of the 256 colours %d %d %d is number %d', (red, green, blue, index) => {
  expect(paletteIndex(red, green, blue)).toBe(index)
})

test('kitty gets the pixels as they are, in chunks of at most 4,096 characters', () => {
  const pixels = gradient(190, 120)
  // Noise, or there would be one chunk.
  pixels.rgb.forEach((value, at) => (pixels.rgb[at] = (value + at * 7919) % 251))
  const text = kittyPicture(pixels, { width: 24, height: 8 })
  const parts = [...text.matchAll(/\u001b_G([^;]*);([^\u001b]*)\u001b\\/gu)]
  expect(parts.map(([whole]) => whole).join('')).toBe(text)
  expect(parts.length).toBeGreaterThan(2)
  expect(parts[0]?.[1]).toBe('a=T,q=2,f=24,o=z,s=190,v=120,c=24,r=8,m=1')
  expect(parts.slice(1).map((part) => part[1])).toEqual([...parts.slice(2).map(() => 'm=1'), 'm=0'])
  for (const [, , chunk = ''] of parts) expect(chunk.length).toBeLessThanOrEqual(4_096)
  const sent = Buffer.from(parts.map((part) => part[2]).join(''), 'base64')
  expect(inflateSync(sent).equals(pixels.rgb)).toBe(true)
})

/** Reads a sixel picture as a terminal does. */
function readSixel(text: string): Pixels {
  const [, width = '', height = '', body = ''] =
    /^\u001bP0;1;0q"1;1;(\d+);(\d+)(.*)\u001b\\$/su.exec(text) ?? []
  const size = { width: Number(width), height: Number(height) }
  const rgb = new Uint8Array(size.width * size.height * 3)
  const palette = new Map<string, number[]>()
  let [x, top, colour] = [0, 0, '']
  for (const part of body.matchAll(/#(\d+)(?:;2;(\d+);(\d+);(\d+))?|(?:!(\d+))?([?-~])|([$-])/gu)) {
    const [, index, red, green, blue, repeat = '1', sign, move] = part
    if (red !== undefined)
      palette.set(
        index!,
        [red, green, blue].map((one) => Math.round(Number(one) * 2.55)),
      )
    else if (index !== undefined) colour = index
    else if (move !== undefined) [x, top] = [0, move === '-' ? top + 6 : top]
    else {
      for (let nth = 0; nth < Number(repeat); nth += 1, x += 1) {
        for (let row = 0; row < 6; row += 1) {
          if (!((sign!.charCodeAt(0) - 63) & (1 << row))) continue
          rgb.set(palette.get(colour)!, ((top + row) * size.width + x) * 3)
        }
      }
    }
  }
  return { ...size, rgb }
}

/** What a square of pixels looks like from afar. */
function average(pixels: Pixels, left: number, top: number, side: number): number[] {
  const sums = [0, 0, 0]
  for (let at = 0; at < side * side; at += 1) {
    const [x, y] = [left + (at % side), top + Math.floor(at / side)]
    sums.forEach((sum, channel) => {
      sums[channel] = sum + (pixels.rgb[(y * pixels.width + x) * 3 + channel] ?? 0)
    })
  }
  return sums.map((sum) => sum / side ** 2)
}

test('a terminal that knows sixel gets the picture, dithered', () => {
  const pixels = gradient(64, 45)
  const seen = readSixel(sixelPicture(pixels))
  expect(seen).toMatchObject({ width: 64, height: 45 })
  for (const [left, top] of [
    [0, 0],
    [40, 8],
    [20, 20],
    [50, 29],
  ] as const) {
    const [wanted, is] = [average(pixels, left, top, 14), average(seen, left, top, 14)]
    wanted.forEach((value, channel) => expect(Math.abs(value - is[channel]!)).toBeLessThan(12))
  }
})

test('plain colours stay plain in sixel', () => {
  const red = { width: 9, height: 7, rgb: new Uint8Array(9 * 7 * 3) }
  for (let at = 0; at < red.rgb.length; at += 3) red.rgb[at] = 255
  expect(Buffer.from(readSixel(sixelPicture(red)).rgb).equals(red.rgb)).toBe(true)
})

test.each([
  ['a small picture keeps its size', [80, 32], [10, 2]],
  ['a wide one is cut to the columns', [4000, 1000], [100, 13]],
  ['a tall one is cut to the rows', [500, 5000], [8, 40]],
  ['a thread is a cell wide', [1, 5000], [1, 40]],
] as const)('%s', (_note, [width, height], [columns, rows]) => {
  const cells = fittingCells(
    { width, height },
    { width: 8, height: 16 },
    { width: 100, height: 40 },
  )
  expect(cells).toEqual({ width: columns, height: rows })
})
