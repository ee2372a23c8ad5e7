import type { chat } from '@parley/proto'
import { fittingCells } from './pixels.ts'
import type { Size } from './pixels.ts'
import type { Graphics } from './screen-graphics.ts'

/** The cells that an image takes on a screen of so many. */
export function cellsOf(image: chat.Image, graphics: Graphics, screen: Size): Size {
  const size = { width: Math.max(1, image.width), height: Math.max(1, image.height) }
  return fittingCells(size, graphics.cell, screen)
}
