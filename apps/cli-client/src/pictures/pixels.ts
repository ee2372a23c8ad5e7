/** A picture as colours, row by row: three bytes for each pixel. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** A width and a height, of whatever it is the size. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The cells that a picture takes when it is shown no larger than it is; `cell` is in pixels. */
export function fittingCells(picture: Size, cell: Size, screen: Size): Size {
  const scale = Math.min(
    1,
    (screen.width * cell.width) / picture.width,
    (screen.height * cell.height) / picture.height,
  )
  const cells = (pixels: number, each: number, most: number) =>
    Math.max(1, Math.min(most, Math.round((pixels * scale) / each)))
  return {
    width: cells(picture.width, cell.width, screen.width),
    height: cells(picture.height, cell.height, screen.height),
  }
}
