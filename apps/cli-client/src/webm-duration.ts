import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

const ids = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
} as const
// What these hold is looked through; what any other holds is passed over.
const entered: ReadonlySet<number> = new Set([ids.segment, ids.info, ids.cluster, ids.blockGroup])
const usualScaleNs = 1_000_000
// An hour of sound in packets of 20 ms has 200,000.
const maxElements = 1_000_000
const windowBytes = 64 * 1024
// Of an element only its id, its size and what is counted here are read.
const neededBytes = 32

/**
 * How long a WebM or Matroska file plays by its last packet, in milliseconds; undefined when it is
 * none, or has more than a million elements. Browsers write recordings that do not say it themselves.
 */
export async function webmDurationMs(path: string): Promise<number | undefined> {
  const file = await open(path, 'r')
  try {
    return await playedMs(new FileWindow(file))
  } finally {
    await file.close()
  }
}

async function playedMs(bytes: FileWindow): Promise<number | undefined> {
  const clock = { scaleNs: usualScaleNs, cluster: 0, last: -1, step: 0 }
  let at = 0
  for (let count = 0; count < maxElements; count += 1) {
    const element = elementIn(await bytes.from(at))
    if (count === 0 && element?.id !== ids.header) return undefined
    if (!element) {
      // The last packet plays as long as the one before it did.
      const ticks = clock.last + clock.step
      return clock.last < 0 ? undefined : (ticks * clock.scaleNs) / 1e6
    }
    hear(clock, element)
    const { id, headBytes, size } = element
    if (!entered.has(id) && size === undefined) return undefined
    at += headBytes + (entered.has(id) ? 0 : (size ?? 0))
  }
  return undefined
}

interface Element {
  readonly id: number
  readonly headBytes: number
  /** Undefined when it is not known: then it ends where one begins that it cannot hold. */
  readonly size: number | undefined
  /** The first bytes of what it holds. */
  readonly content: Buffer
}

interface Clock {
  scaleNs: number
  /** Times are in ticks of so many nanoseconds; those of packets count from that of their cluster. */
  cluster: number
  last: number
  step: number
}

function hear(clock: Clock, { id, size = 0, content }: Element): void {
  const value = () => (size <= 8 ? bigEndian(content.subarray(0, size)) : 0)
  if (id === ids.timestampScale) clock.scaleNs = value() || usualScaleNs
  if (id === ids.cluster) clock.cluster = 0
  if (id === ids.timestamp) clock.cluster = value()
  if (id !== ids.block && id !== ids.simpleBlock) return
  const track = numberIn(content)
  if (!track || content.length < track.bytes + 2) return
  const time = clock.cluster + content.readInt16BE(track.bytes)
  if (time <= clock.last) return
  if (clock.last >= 0) clock.step = time - clock.last
  clock.last = time
}

function elementIn(bytes: Buffer): Element | undefined {
  const id = numberIn(bytes)
  const size = id && numberIn(bytes.subarray(id.bytes))
  if (!size || id.bytes > 4) return undefined
  const headBytes = id.bytes + size.bytes
  const content = bytes.subarray(headBytes)
  return { id: id.marked, headBytes, size: size.isUnknown ? undefined : size.value, content }
}

// A number of 1 to 8 bytes, which it says by its leading zeros (RFC 8794); ids are told with that mark, sizes without.
function numberIn(bytes: Buffer) {
  const first = bytes[0] ?? 0
  const count = Math.clz32(first) - 23
  if (first === 0 || count > bytes.length) return undefined
  const unmarked = first - (0x80 >> (count - 1))
  const rest = bytes.subarray(1, count)
  const following = (from: number) => bigEndian(rest, from)
  const isUnknown = unmarked === (0x80 >> (count - 1)) - 1 && rest.every((byte) => byte === 255)
  return { bytes: count, marked: following(first), value: following(unmarked), isUnknown }
}

// `readUIntBE` reads 6 bytes at most.
function bigEndian(bytes: Buffer, from = 0): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, from)
}

/** A file, read in pieces that hold many small elements each. */
class FileWindow {
  readonly #file: FileHandle
  readonly #buffer = Buffer.alloc(windowBytes)
  #start = 0
  #length = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** The bytes from there on: enough for the head of an element, or less at the end of the file. */
  async from(at: number): Promise<Buffer> {
    const isHere = at >= this.#start && at + neededBytes <= this.#start + this.#length
    if (!isHere) {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, windowBytes, at)
      this.#start = at
      this.#length = bytesRead
    }
    return this.#buffer.subarray(at - this.#start, this.#length)
  }
}
