import type { LogRun } from './journal.ts'

/** Tag of `repeated Entry entries = 4` in parley.chat.v1.Entries. */
const entriesTag = 0x22
/** What a tag and a length take at most, counted for each entry. */
const headBytes = 4

/** Gathers entries into a run as it lies on the wire, up to a number of bytes. */
export class RunGatherer {
  readonly #firstSeq: number
  readonly #maxBytes: number
  readonly #parts: Uint8Array[] = []
  #bytes = 0
  #count = 0

  constructor(firstSeq: number, maxBytes: number) {
    this.#firstSeq = firstSeq
    this.#maxBytes = maxBytes
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Takes the next entry; false when it has no room, which the first one always has. */
  add(entry: Uint8Array): boolean {
    if (this.#count > 0 && this.#bytes + entry.length > this.#maxBytes) return false
    this.#parts.push(fieldHead(entry.length), entry)
    this.#bytes += entry.length + headBytes
    this.#count += 1
    return true
  }

  run(): LogRun {
    return { firstSeq: this.#firstSeq, count: this.#count, packed: concat(this.#parts) }
  }
}

function fieldHead(length: number): Uint8Array {
  const head = [entriesTag]
  let rest = length
  while (rest > 0x7f) {
    head.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  head.push(rest)
  return Uint8Array.from(head)
}

/** One buffer of its own (never from a pool), so that it can be handed to another thread. */
function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
