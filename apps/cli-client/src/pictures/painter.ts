import type { chat } from '@parley/proto'
import { decodedFile, placeholder } from './decode.ts'
import { halfBlocks } from './half-blocks.ts'
import { kittyPicture } from './kitty.ts'
import type { Size } from './pixels.ts'
import type { Graphics } from './screen-graphics.ts'
import { sixelPicture } from './sixel.ts'

/** What goes to a terminal as it is: made here of pixels, no byte of it is anybody else's. */
export interface Drawing {
  readonly text: string
  readonly rows: number
}

/** Draws a WebP or JPEG file into these cells. */
export async function drawnFile(path: string, graphics: Graphics, cells: Size): Promise<Drawing> {
  const { how, cell } = graphics
  if (how === 'blocks') {
    const pixels = await decodedFile(path, { width: cells.width, height: cells.height * 2 })
    return { text: lines(halfBlocks(pixels, graphics.colours)), rows: cells.height }
  }
  const size = { width: cells.width * cell.width, height: cells.height * cell.height }
  const pixels = await decodedFile(path, size)
  const text = how === 'kitty' ? kittyPicture(pixels, cells) : sixelPicture(pixels)
  return { text: `${text}\n`, rows: cells.height }
}

/** Draws what is known of an image before its bytes are here; undefined where that is nothing. */
export async function drawnPlaceholder(
  image: chat.Image,
  graphics: Graphics,
  cells: Size,
): Promise<Drawing | undefined> {
  if (graphics.how !== 'blocks') return undefined
  const size = { width: cells.width, height: cells.height * 2 }
  const pixels = await placeholder(image.thumbhash, size)
  if (!pixels) return undefined
  return { text: lines(halfBlocks(pixels, graphics.colours)), rows: cells.height }
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}
