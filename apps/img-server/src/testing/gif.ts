/** A GIF put together by hand: that many frames, each one pixel drawn on a canvas of that size. */
export function tinyFramesGif(width: number, height: number, frames: number): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16LE(width, 0)
  size.writeUInt16LE(height, 2)
  const colours = Buffer.from([0, 0, 0, 255, 255, 255])
  const head = [Buffer.from('GIF89a'), size, Buffer.from([0x80, 0, 0]), colours]
  return Buffer.concat([...head, ...Array.from({ length: frames }, frame), Buffer.from([0x3b])])
}

// Shown for 80 ms; then the pixel: "clear", colour 0 or 1, "end", in codes of three bits.
function frame(_nothing: unknown, index: number): Buffer {
  const control = [0x21, 0xf9, 4, 0, 8, 0, 0, 0]
  const place = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0]
  const codes = 4 | ((index % 2) << 3) | (5 << 6)
  return Buffer.from([...control, ...place, 2, 2, codes & 0xff, codes >> 8, 0])
}
