import type { Pixels } from './pixels.ts'

// A cube of 6 x 7 x 6 colours: with dithering as good as a palette of the picture's own, and no search.
const levels = [6, 7, 6] as const
const colours = levels[0] * levels[1] * levels[2]
const bandRows = 6

/** The escape sequence by which a terminal that knows sixel shows a picture. */
export function sixelPicture(pixels: Pixels): string {
  const { width, height } = pixels
  const indices = dithered(pixels)
  const bands: string[] = []
  for (let top = 0; top < height; top += bandRows) bands.push(bandOf(indices, pixels, top))
  return `\u001bP0;1;0q"1;1;${width};${height}${palette()}${bands.join('-')}\u001b\\`
}

function palette(): string {
  const all = Array.from({ length: colours }, (_, index) => {
    const [red, green, blue] = partsOf(index).map((part, channel) =>
      Math.round((part * 100) / ((levels[channel] ?? 2) - 1)),
    )
    return `#${index};2;${red};${green};${blue}`
  })
  return all.join('')
}

function partsOf(index: number): [number, number, number] {
  const [, greens, blues] = levels
  return [Math.floor(index / (greens * blues)), Math.floor(index / blues) % greens, index % blues]
}

/** The colour of each pixel, what is lost of it given to its neighbours (Floyd and Steinberg). */
function dithered({ width, height, rgb }: Pixels): Uint8Array {
  const rest = Float32Array.from(rgb)
  const indices = new Uint8Array(width * height)
  const give = (x: number, y: number, channel: number, share: number) => {
    if (x < 0 || x >= width || y >= height) return
    const at = (y * width + x) * 3 + channel
    rest[at] = (rest[at] ?? 0) + share
  }
  for (let pixel = 0; pixel < indices.length; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    let index = 0
    for (const [channel, count] of levels.entries()) {
      const wanted = Math.max(0, Math.min(255, rest[pixel * 3 + channel] ?? 0))
      const part = Math.round((wanted * (count - 1)) / 255)
      const lost = wanted - (part * 255) / (count - 1)
      give(x + 1, y, channel, (lost * 7) / 16)
      give(x - 1, y + 1, channel, (lost * 3) / 16)
      give(x, y + 1, channel, (lost * 5) / 16)
      give(x + 1, y + 1, channel, lost / 16)
      index = index * count + part
    }
    indices[pixel] = index
  }
  return indices
}

// Each colour of the band is drawn over its whole width, then the carriage returns for the next.
function bandOf(indices: Uint8Array, { width, height }: Pixels, top: number): string {
  const masks = new Map<number, Uint8Array>()
  for (let row = 0; row < bandRows && top + row < height; row += 1) {
    for (let x = 0; x < width; x += 1) {
      const index = indices[(top + row) * width + x] ?? 0
      const mask = masks.get(index) ?? new Uint8Array(width)
      masks.set(index, mask)
      mask[x] = (mask[x] ?? 0) | (1 << row)
    }
  }
  return [...masks].map(([index, mask]) => `#${index}${runs(mask)}`).join('$')
}

function runs(mask: Uint8Array): string {
  let text = ''
  for (let at = 0; at < mask.length;) {
    let end = at
    while (end < mask.length && mask[end] === mask[at]) end += 1
    const sign = String.fromCharCode(63 + (mask[at] ?? 0))
    text += end - at > 3 ? `!${end - at}${sign}` : sign.repeat(end - at)
    at = end
  }
  return text
}
