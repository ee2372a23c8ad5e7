import type { Pixels } from './pixels.ts'

/** How many colours a terminal has: all of them, or the 256 of the palette. */
export type Colours = 'all' | '256'

/** Lines of text that show a picture: each character is two pixels, one above the other. */
export function halfBlocks(pixels: Pixels, colours: Colours): string[] {
  const lines: string[] = []
  for (let y = 0; y < pixels.height; y += 2) lines.push(lineOf(pixels, y, colours))
  return lines
}

function lineOf(pixels: Pixels, y: number, colours: Colours): string {
  let line = ''
  let [above, below] = ['', '']
  for (let x = 0; x < pixels.width; x += 1) {
    const [upper, lower] = [colourAt(pixels, x, y, colours), colourAt(pixels, x, y + 1, colours)]
    if (upper !== above) line += `\u001b[38;${upper}m`
    if (lower !== below) line += lower === '' ? '\u001b[49m' : `\u001b[48;${lower}m`
    line += '▀'
    ;[above, below] = [upper, lower]
  }
  return `${line}\u001b[0m`
}

// Of an odd number of rows the last has nothing below it.
function colourAt({ width, height, rgb }: Pixels, x: number, y: number, colours: Colours): string {
  if (y >= height) return ''
  const at = (y * width + x) * 3
  const [red = 0, green = 0, blue = 0] = rgb.subarray(at, at + 3)
  return colours === 'all' ? `2;${red};${green};${blue}` : `5;${paletteIndex(red, green, blue)}`
}

const steps = [0, 95, 135, 175, 215, 255] as const

/** The colour of the 256 that is nearest: one of the cube, or a grey. */
export function paletteIndex(red: number, green: number, blue: number): number {
  const [r, g, b] = [nearestStep(red), nearestStep(green), nearestStep(blue)]
  const grey = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)))
  const level = 8 + grey * 10
  const off = (to: readonly [number, number, number]) =>
    (red - to[0]) ** 2 + (green - to[1]) ** 2 + (blue - to[2]) ** 2
  const isGrey = off([level, level, level]) < off([steps[r] ?? 0, steps[g] ?? 0, steps[b] ?? 0])
  return isGrey ? 232 + grey : 16 + 36 * r + 6 * g + b
}

function nearestStep(value: number): number {
  return steps.reduce<number>(
    (best, step, at) => (Math.abs(step - value) < Math.abs((steps[best] ?? 0) - value) ? at : best),
    0,
  )
}
