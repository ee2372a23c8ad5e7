/** Bytes of each buffer, and of the largest write. */
export const alignedBufferBytes = 1 << 20

const maxSpare = 64
const spare: Uint8Array[] = []

/**
 * A buffer that begins at a memory page, as writes past the system's cache need it; its content is
 * whatever it was. Buffers that nobody gives back are only memory.
 */
export function takeAlignedBuffer(): Uint8Array {
  const used = spare.pop()
  if (used) return used
  // @NOTE V8 gives pages of their own to buffers that may be resized, and only to them.
  return new Uint8Array(new ArrayBuffer(alignedBufferBytes, { maxByteLength: alignedBufferBytes }))
}

/** Gives a buffer back that nobody reads or writes any more. */
export function giveAlignedBuffer(buffer: Uint8Array): void {
  if (spare.length < maxSpare) spare.push(buffer)
}
