import { decodeModifiedUtf } from './modified-utf.ts'
import { Incomplete, Skippable, Unreadable } from './unreadable.ts'

/** Bytes that were left out of what is read. */
export interface Gap {
  readonly at: number
  readonly length: number
}

/** What earlier readings of an element have found, which has not come whole yet. */
export interface Earlier {
  /** What the last one has asked to leave out. */
  gap: Gap | undefined
  /** Strings by where their bytes are: none is decoded twice, however often the element is read. */
  readonly strings: Map<number, string>
}

/** Reads one element of a stream from what has come so far, and no more than `maxBytes` of it. */
export class ByteCursor {
  readonly #bytes: Buffer
  readonly #maxBytes: number
  readonly #earlier: Earlier
  #at = 0

  constructor(bytes: Buffer, maxBytes: number, earlier: Earlier) {
    this.#bytes = bytes
    this.#maxBytes = maxBytes
    this.#earlier = earlier
  }

  /** How many bytes were read. */
  get at(): number {
    return this.#at
  }

  /** The next bytes, not copied. */
  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#maxBytes) throw new Unreadable(`an object has at most ${this.#maxBytes} bytes`)
    if (end > this.#bytes.length) throw new Incomplete(end)
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** Goes on behind bytes that are of no interest; however many they are, they do not count. */
  skip(length: number): void {
    if (length === 0) return
    if (this.#earlier.gap?.at !== this.#at) throw new Skippable(this.#at, length)
  }

  byte(): number {
    return this.take(1).readUInt8()
  }

  short(): number {
    return this.take(2).readUInt16BE()
  }

  int(): number {
    return this.take(4).readInt32BE()
  }

  long(): bigint {
    return this.take(8).readBigInt64BE()
  }

  /** A string after its length of two bytes. */
  utf(): string {
    return this.#string(this.short())
  }

  /** A string after its length of eight bytes. */
  longUtf(): string {
    const length = this.long()
    // One that no number of this language can count is over any limit.
    if (length < 0n) throw new Unreadable('a string has a length below zero')
    return this.#string(Number(length))
  }

  #string(length: number): string {
    const { strings } = this.#earlier
    const at = this.#at
    const bytes = this.take(length)
    const string = strings.get(at) ?? decodeModifiedUtf(bytes)
    strings.set(at, string)
    return string
  }
}
