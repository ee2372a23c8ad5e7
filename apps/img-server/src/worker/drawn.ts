import type { Pixels } from './pixels.ts'

const sampledRows = 64
const drawnShare = 0.35

/**
 * True when so many neighbours on a row are equal that the picture may be drawn: a screenshot, a
 * diagram. Cameras make few. Only then is it worth trying whether it is smaller exact than lossy.
 */
export function isDrawn({ data, width, height, channels }: Pixels): boolean {
  if (width < 2) return false
  const step = Math.max(1, Math.floor(height / sampledRows))
  let rows = 0
  let equal = 0
  for (let row = step >> 1; row < height; row += step) {
    rows += 1
    equal += equalNeighbours(data, row * width * channels, width, channels)
  }
  return equal >= rows * (width - 1) * drawnShare
}

function equalNeighbours(data: Buffer, start: number, width: number, channels: number): number {
  let equal = 0
  const end = start + (width - 1) * channels
  for (let at = start; at < end; at += channels) {
    let channel = 0
    while (channel < channels && data[at + channel] === data[at + channels + channel]) channel += 1
    if (channel === channels) equal += 1
  }
  return equal
}
