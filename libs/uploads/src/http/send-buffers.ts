/** Bytes of the buffers that a fast reader is served from; fewer cost more for each byte. */
export const largeBufferBytes = 1 << 20
/** Bytes of the buffers for everybody else. */
export const smallBufferBytes = 64 << 10

/** Memory that one download sends from. */
export interface SendBuffer {
  readonly bytes: Buffer
  /** `isUnused` when nothing reads from it any more and it may serve another. */
  release(isUnused: boolean): void
}

const maxLarge = 64
const maxSpareSmall = 256
const spareLarge: Buffer[] = []
const spareSmall: Buffer[] = []
let largeInUse = 0

/** Memory for so many bytes; of the large buffers 64 are in use at most, then it is a small one. */
export function takeSendBuffer(wantedBytes: number): SendBuffer {
  const isLarge = wantedBytes > smallBufferBytes && largeInUse < maxLarge
  const spare = isLarge ? spareLarge : spareSmall
  const bytes = spare.pop() ?? allocate(isLarge ? largeBufferBytes : smallBufferBytes)
  if (isLarge) largeInUse += 1
  const release = (isUnused: boolean) => {
    if (isLarge) largeInUse -= 1
    if (isUnused && spare.length < (isLarge ? maxLarge : maxSpareSmall)) spare.push(bytes)
  }
  return { bytes, release }
}

function allocate(sizeBytes: number): Buffer {
  return Buffer.allocUnsafeSlow(sizeBytes)
}
